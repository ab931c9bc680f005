/** All planted bugs. */
import type { PlantedBug } from './bug.ts';
import { CLIENT_BUGS } from './bugs/client.ts';
import { DISK_BUGS } from './bugs/disk.ts';
import { LEASE_BUGS } from './bugs/leases.ts';
import { MEMORY_BUGS } from './bugs/memory.ts';
import { OUTSIDE_BUGS } from './bugs/outside.ts';
import { REPLICATION_BUGS } from './bugs/replication.ts';
import { SESSION_BUGS } from './bugs/sessions.ts';
import { SHAPE_BUGS } from './bugs/shapes.ts';
import { TRANSFER_BUGS } from './bugs/transfer.ts';
import { VIEW_BUGS } from './bugs/views.ts';

export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...REPLICATION_BUGS,
  ...TRANSFER_BUGS,
  ...LEASE_BUGS,
  ...SESSION_BUGS,
  ...CLIENT_BUGS,
  ...VIEW_BUGS,
  ...DISK_BUGS,
  ...OUTSIDE_BUGS,
  ...MEMORY_BUGS,
  ...SHAPE_BUGS,
];
