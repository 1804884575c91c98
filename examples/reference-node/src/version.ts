/** What this node calls itself. */
export const VERSION = 'polyphony/0.1.0';
