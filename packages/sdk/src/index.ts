/** What a dApp or wallet imports: one client, actions as functions. */
export {};
