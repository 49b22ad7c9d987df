/** A person's login as it is compared: people write one login in several ways. */
export function loginOf(name: string): string {
  return name.trim().replace(/^@/, "").toLowerCase();
}

/** Whether two words name the same login. */
export function isSameLogin(a: string, b: string): boolean {
  return loginOf(a) === loginOf(b);
}
