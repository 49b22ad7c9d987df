/** Code of the park after a push that neither its target nor the provider can tell about: a person looks at the target. */
export const PUSH_UNKNOWN = "push-unknown";
