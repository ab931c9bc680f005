/** All operations, in the order in which they are listed. */
import { APPEND } from './append.ts';
import { CAS } from './cas.ts';
import { DELETE } from './delete.ts';
import { GET } from './get.ts';
import type { Operation } from './operation.ts';
import { PUT } from './put.ts';
import { PUT_HASH } from './put-hash.ts';
import { SCAN } from './scan.ts';

export const OPERATIONS: readonly Operation[] = [GET, PUT, PUT_HASH, APPEND, DELETE, CAS, SCAN];
