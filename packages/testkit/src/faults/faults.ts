/** The table of all fault classes, each with the function that starts it. */
import type { FaultClass } from './classes.ts';
import { clientFaults } from './client-faults.ts';
import { clockFaults } from './clock-faults.ts';
import { diskFaults } from './disk-faults.ts';
import { momentFaults } from './moment-faults.ts';
import { networkFaults } from './network-faults.ts';
import { outsideFaults } from './outside-faults.ts';
import { processFaults } from './process-faults.ts';
import type { FaultStage } from './stage.ts';

export const FAULTS: Readonly<Record<FaultClass, (stage: FaultStage) => void>> = {
  ...networkFaults,
  ...processFaults,
  ...momentFaults,
  ...clockFaults,
  ...clientFaults,
  ...diskFaults,
  ...outsideFaults,
};
