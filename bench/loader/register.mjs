/** Makes Node run the sources as they are published: `node --import ./bench/loader/register.mjs`. */
import { register } from 'node:module';

register(new URL('hooks.mjs', import.meta.url));
