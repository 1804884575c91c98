/**
 * One door for all directives.
 *
 * Who may send one, its nonce, its fee, and the epoch from which directives are admitted are the
 * executor's business. A refused directive has no receipt: it makes its block invalid.
 *
 * @source harmony/core/state_transition.go: StakingTransitionDb
 */
import type { Directive } from '@polyphony/chain';
import { collectRewards } from './collect-rewards.js';
import { createValidator } from './create-validator.js';
import { delegate, undelegate } from './delegate.js';
import { editValidator } from './edit-validator.js';
import type { RegistrationContext } from './registration.js';
import type { StakingView, Transition } from './types.js';

/**
 * What a directive changes.
 *
 * @throws {@link EposError} when it is refused; nothing is changed then.
 * @source harmony/core/state_transition.go: StakingTransitionDb
 */
export function applyDirective(
  view: StakingView,
  directive: Directive,
  context: RegistrationContext,
): Transition {
  switch (directive.type) {
    case 'create-validator':
      return createValidator(view, directive, context);
    case 'edit-validator':
      return editValidator(view, directive, context);
    case 'delegate':
      return delegate(view, directive, context);
    case 'undelegate':
      return undelegate(view, directive, context);
    case 'collect-rewards':
      return collectRewards(view, directive, context);
  }
}
