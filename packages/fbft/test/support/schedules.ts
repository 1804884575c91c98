/** Figures that the suites share. */
export { swiftTiming as fastTiming } from '../../src/simulator/swift.js';
