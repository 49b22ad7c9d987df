import {
  type AccessKey,
  addKey,
  addRole,
  addUser,
  findKey,
  type Role,
  roleOf,
  type User,
  userArn,
  userOf,
} from "./account.ts";
import {
  type ActionCall,
  type AwsActions,
  type Output,
  optionalText,
  type Resource,
  tagContext,
  tagList,
  tagsOf,
  text,
  texts,
} from "./action.ts";
import { AwsError, noSuchEntity } from "./aws-error.ts";
import { IAM_ACCOUNT_ACTIONS } from "./iam-account-actions.ts";
import { shownKey, shownRole, shownUser } from "./iam-answers.ts";
import { parsePolicy } from "./policy.ts";

const KEYS_PER_USER = 2;
const TAGS_PER_USER = 50;

/** What IAM can do here. The principal `admin` sets up the others by the same actions that people use. */
export const IAM_ACTIONS: AwsActions = {
  CreateUser: {
    resource: namedUser,
    act: ({ account, input, now }) => {
      const name = text(input, "UserName");
      if (account.users.has(name)) throw alreadyExists(`User with name ${name} already exists.`);
      const path = optionalText(input, "Path") ?? "/";
      const user = addUser(account, name, now, {
        path,
        boundary: optionalText(input, "PermissionsBoundary"),
      });
      setTags(user, tagsOf(input));
      return { User: shownUser(user) };
    },
  },
  ...IAM_ACCOUNT_ACTIONS,
  GetUser: { resource: namedUser, act: (call) => ({ User: shownUser(asked(call)) }) },
  DeleteUser: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      if (user.keys.length > 0 || user.inline.size > 0) {
        const what = user.keys.length > 0 ? "access keys" : "policies";
        throw new AwsError("DeleteConflict", 409, `Cannot delete entity, must delete ${what} first.`);
      }
      call.account.users.delete(user.name);
      return {};
    },
  },
  ListAccessKeys: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      return {
        AccessKeyMetadata: user.keys.map((key) => shownKey(user, key)),
        IsTruncated: false,
      };
    },
  },
  CreateAccessKey: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      if (user.keys.length >= KEYS_PER_USER) {
        throw new AwsError(
          "LimitExceeded",
          409,
          `Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`,
        );
      }
      const key = addKey(user, call.now, call.estate.newKeysRefuse);
      return { AccessKey: { ...shownKey(user, key), SecretAccessKey: key.secret } };
    },
  },
  UpdateAccessKey: {
    resource: namedUser,
    act: (call) => {
      const status = text(call.input, "Status");
      if (status !== "Active" && status !== "Inactive") {
        throw new AwsError(
          "ValidationError",
          400,
          `1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]`,
        );
      }
      askedKey(call).key.status = status;
      return {};
    },
  },
  DeleteAccessKey: {
    resource: namedUser,
    act: (call) => {
      const { user, key } = askedKey(call);
      user.keys.splice(user.keys.indexOf(key), 1);
      return {};
    },
  },
  GetAccessKeyLastUsed: {
    resource: ({ estate, account, input }) => {
      const id = text(input, "AccessKeyId");
      const found = findKey(estate, id);
      const known = found?.account === account ? found : undefined;
      return {
        arn: known?.user.arn ?? `arn:aws:iam::${account.id}:user/*`,
        shown: `access key ${id}`,
        context: tagContext(known?.user.tags),
      };
    },
    act: ({ estate, account, input }) => {
      const id = text(input, "AccessKeyId");
      const found = findKey(estate, id);
      if (found === undefined || found.account !== account) throw noSuchKey(id);
      const { at, service = "N/A", region = "N/A" } = found.key.lastUsed ?? {};
      return {
        UserName: found.user.name,
        AccessKeyLastUsed: { LastUsedDate: at, ServiceName: service, Region: region },
      };
    },
  },
  ListUserTags: {
    resource: namedUser,
    act: (call) => ({ Tags: tagList(asked(call).tags), IsTruncated: false }),
  },
  TagUser: {
    resource: namedUser,
    act: (call) => {
      setTags(asked(call), tagsOf(call.input));
      return {};
    },
  },
  UntagUser: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      for (const key of texts(call.input, "TagKeys")) user.tags.delete(key);
      return {};
    },
  },
  PutUserPolicy: { resource: namedUser, act: (call) => putPolicy(asked(call), call) },
  GetUserPolicy: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      const { name, document } = askedPolicy(user, call);
      return { UserName: user.name, PolicyName: name, PolicyDocument: document };
    },
  },
  ListUserPolicies: {
    resource: namedUser,
    act: (call) => ({ PolicyNames: [...asked(call).inline.keys()], IsTruncated: false }),
  },
  DeleteUserPolicy: {
    resource: namedUser,
    act: (call) => {
      const user = asked(call);
      user.inline.delete(askedPolicy(user, call).name);
      return {};
    },
  },
  CreateRole: {
    resource: namedRole,
    act: ({ account, input, now }) => {
      const name = text(input, "RoleName");
      if (account.roles.has(name)) throw alreadyExists(`Role with name ${name} already exists.`);
      const trust = parsePolicy(text(input, "AssumeRolePolicyDocument"));
      const role = addRole(account, name, trust, now);
      setTags(role, tagsOf(input));
      return { Role: shownRole(role) };
    },
  },
  GetRole: {
    resource: namedRole,
    act: ({ account, input }) => ({ Role: shownRole(roleOf(account, text(input, "RoleName"))) }),
  },
  PutRolePolicy: {
    resource: namedRole,
    act: (call) => putPolicy(roleOf(call.account, text(call.input, "RoleName")), call),
  },
  DeleteRolePolicy: {
    resource: namedRole,
    act: (call) => {
      const role = roleOf(call.account, text(call.input, "RoleName"));
      role.inline.delete(askedPolicy(role, call).name);
      return {};
    },
  },
};

/** The user that `UserName` names; without it the caller, as IAM has it. */
function namedUser({ account, principal, input }: ActionCall): Resource {
  const name = optionalText(input, "UserName") ?? principal.user?.name ?? "";
  const { arn, tags, boundary } = account.users.get(name) ?? {
    arn: userArn(account, name, optionalText(input, "Path")),
    tags: undefined,
    boundary: optionalText(input, "PermissionsBoundary"),
  };
  return {
    arn,
    shown: `user ${name}`,
    context: {
      ...(boundary === undefined ? {} : { "iam:PermissionsBoundary": boundary }),
      ...tagContext(tags, tagsOf(input), texts(input, "TagKeys")),
      ...Object.fromEntries([...(tags ?? [])].map(([key, value]) => [`iam:ResourceTag/${key}`, value])),
    },
  };
}

function namedRole({ account, input }: ActionCall): Resource {
  const name = text(input, "RoleName");
  return { arn: `arn:aws:iam::${account.id}:role/${name}`, shown: `role ${name}` };
}

function asked({ account, principal, input }: ActionCall): User {
  const name = optionalText(input, "UserName") ?? principal.user?.name;
  if (name === undefined) {
    throw new AwsError(
      "ValidationError",
      400,
      "Must specify userName when calling with non-User credentials",
    );
  }
  return userOf(account, name);
}

function askedKey(call: ActionCall): { user: User; key: AccessKey } {
  const user = asked(call);
  const id = text(call.input, "AccessKeyId");
  const key = user.keys.find((candidate) => candidate.id === id);
  if (key === undefined) throw noSuchKey(id);
  return { user, key };
}

function askedPolicy(owner: User | Role, { input }: ActionCall): { name: string; document: string } {
  const name = text(input, "PolicyName");
  const policy = owner.inline.get(name);
  if (policy === undefined) {
    const kind = "keys" in owner ? "user" : "role";
    throw noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
  }
  return { name, document: encodeURIComponent(JSON.stringify(policy)) };
}

function putPolicy(owner: User | Role, { input }: ActionCall): Output {
  owner.inline.set(text(input, "PolicyName"), parsePolicy(text(input, "PolicyDocument")));
  return {};
}

/** Keys of tags are compared without case, values are not. */
function setTags(owner: User | Role, tags: ReadonlyMap<string, string>): void {
  const merged = new Map(owner.tags);
  for (const [key, value] of tags) {
    for (const other of merged.keys()) if (other.toLowerCase() === key.toLowerCase()) merged.delete(other);
    merged.set(key, value);
  }
  if (merged.size > TAGS_PER_USER) {
    throw new AwsError(
      "LimitExceeded",
      409,
      `The number of tags has reached the maximum limit of ${TAGS_PER_USER}.`,
    );
  }
  owner.tags.clear();
  for (const [key, value] of merged) owner.tags.set(key, value);
}

function noSuchKey(id: string): AwsError {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

function alreadyExists(message: string): AwsError {
  return new AwsError("EntityAlreadyExists", 409, message);
}
