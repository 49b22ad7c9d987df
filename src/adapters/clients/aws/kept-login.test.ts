import { expect, test } from "vitest";
import { keptLogin } from "./kept-login.ts";

const HOUR = 3_600_000;

/** A login that counts how often it was asked for; `lives` milliseconds each, or for ever. */
function counting(lives?: number) {
  const counted = { asked: 0, fails: false };
  const login = keptLogin(async () => async () => {
    counted.asked += 1;
    if (counted.fails) throw new Error("no login");
    return {
      accessKeyId: `AKIA${counted.asked}`,
      secretAccessKey: "x",
      ...(lives === undefined ? {} : { expiration: new Date(Date.now() + lives) }),
    };
  });
  return { counted, login };
}

test("clients that ask one after the other, or at the same moment, have one login", async () => {
  const { counted, login } = counting(HOUR);
  const together = await Promise.all([login(), login(), login()]);
  expect(new Set([...together, await login()]).size).toBe(1);
  expect(counted.asked).toBe(1);
});

test("a login that has no end is asked for once", async () => {
  const { counted, login } = counting();
  await login();
  await login();
  expect(counted.asked).toBe(1);
});

test("one that is about to end is asked for anew", async () => {
  const { counted, login } = counting(HOUR / 20);
  expect((await login()).accessKeyId).toBe("AKIA1");
  expect((await login()).accessKeyId).toBe("AKIA2");
  expect(counted.asked).toBe(2);
});

test("one that failed is asked for anew", async () => {
  const { counted, login } = counting(HOUR);
  counted.fails = true;
  await expect(login()).rejects.toThrow("no login");
  counted.fails = false;
  expect((await login()).accessKeyId).toBe("AKIA2");
});
