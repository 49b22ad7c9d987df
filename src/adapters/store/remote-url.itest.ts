import { expect, test } from "vitest";
import { createLocalRepository } from "../../testing/services/git-remote.ts";
import { remoteUrl } from "./remote-url.ts";

test("the address of the remote is that which git would ask, whatever it is written as", async () => {
  const repository = await createLocalRepository({ "a.yaml": "a\n" });
  try {
    expect(await remoteUrl(repository.path, repository.env)).toBeUndefined();
    await repository.git("remote", "add", "upstream", "hub:acme/credentials");
    expect(await remoteUrl(repository.path, repository.env)).toBe("hub:acme/credentials");
    await repository.git("config", "url.git@github.com:.insteadOf", "hub:");
    expect(await remoteUrl(repository.path, repository.env)).toBe("git@github.com:acme/credentials");
    await repository.git("remote", "add", "other", "hub:acme/other");
    await expect(remoteUrl(repository.path, repository.env)).rejects.toMatchObject({ code: "which-remote" });
    await repository.git("remote", "add", "origin", "https://github.com/acme/origin");
    expect(await remoteUrl(repository.path, repository.env)).toBe("https://github.com/acme/origin");
  } finally {
    await repository.dispose();
  }
});
