import type { AwsActions } from "./action.ts";

/** What the Parameter Store of SSM can do here. */
export const SSM_ACTIONS: AwsActions = {};
