/**
 * Compares one survey of several monitors with the one before, and says whether they disagree (see monitor-states.ts).
 */
import { disagreement, type ToldView } from './monitor-states.ts';

export class ComparedSurveys {
  #before: readonly ToldView[] = [];
  #isUnderWay = false;
  /** In words; "" while no disagreement is shown. */
  text = '';

  /**
   * A survey begins. Gives what to do with all its answers. Surveys that overlap prove nothing about each other, so one
   * that begins while another is under way is not compared.
   */
  begin(): (told: readonly ToldView[]) => void {
    if (this.#isUnderWay) return () => {};
    this.#isUnderWay = true;
    return (told) => {
      this.#isUnderWay = false;
      this.text = disagreement(this.#before, told);
      this.#before = told;
    };
  }
}
