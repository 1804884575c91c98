/** Fast Byzantine fault tolerance: three-phase consensus with BLS multi-signatures as a pure state machine. */
export {};
