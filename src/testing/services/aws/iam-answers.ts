import type { AccessKey, Role, User } from "./account.ts";
import { type Output, tagList } from "./action.ts";

export function shownKey(user: User, key: AccessKey): Output {
  return { UserName: user.name, AccessKeyId: key.id, Status: key.status, CreateDate: key.createdAt };
}

export function shownUser({ path, name, id, arn, createdAt, tags }: User): Output {
  return {
    Path: path,
    UserName: name,
    UserId: id,
    Arn: arn,
    CreateDate: createdAt,
    ...(tags.size > 0 ? { Tags: tagList(tags) } : {}),
  };
}

export function shownRole({ name, id, arn, createdAt, trust, tags }: Role): Output {
  return {
    Path: "/",
    RoleName: name,
    RoleId: id,
    Arn: arn,
    CreateDate: createdAt,
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify(trust)),
    ...(tags.size > 0 ? { Tags: tagList(tags) } : {}),
  };
}
