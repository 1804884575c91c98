// Lets a thread load TypeScript sources: `--import` of tsx itself does so in the main thread only.
//
//   new Worker(url, { execArgv: ['--import', '<this file>', '--conditions=@polyphony/source'] })
import { register } from 'tsx/esm/api';

register();
