/**
 * The arithmetic that a delay function needs: squaring and multiplying classes of binary quadratic
 * forms of one negative prime discriminant.
 *
 * A port, so that integers may come from the language or from another library. What the exponents
 * are, and which bytes are a form, is decided elsewhere.
 */

/** A reduced form ax² + bxy + cy² of a known discriminant; c follows from the other two. */
export interface Form {
  /** Positive. */
  readonly a: bigint;
  /** Odd, greater than -a and at most a. */
  readonly b: bigint;
}

/** The class group of one discriminant. Forms given to it are reduced and of that discriminant. */
export interface FormGroup {
  /** Squares a form `times` times in a row. */
  readonly square: (form: Form, times: number) => Form;
  /** The reduced product of two forms. */
  readonly multiply: (left: Form, right: Form) => Form;
}

/** Makes class groups. */
export interface VdfArithmetic {
  /** For logs and tables. */
  readonly name: string;
  /**
   * @param magnitude - |D|: an odd prime that is 7 modulo 8.
   */
  readonly openGroup: (magnitude: bigint) => FormGroup;
}
