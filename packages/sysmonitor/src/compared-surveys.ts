/**
 * Compares each survey of several monitors with the previous one, and says whether the monitors disagree (see
 * monitor-states.ts).
 */
import { disagreement, type ToldView } from './monitor-states.ts';

export class ComparedSurveys {
  #before: readonly ToldView[] = [];
  #isUnderWay = false;
  /** A description of the disagreement; "" while none is shown. */
  text = '';

  /**
   * Call this when a survey begins. It returns the function to call with all the answers. Surveys that overlap prove
   * nothing about each other, so a survey that begins while another is under way is not compared.
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
