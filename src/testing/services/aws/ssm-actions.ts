import type { Account } from "./account.ts";
import {
  type ActionCall,
  type AwsActions,
  flag,
  type Output,
  optionalText,
  type Resource,
  tagContext,
  tagList,
  tagsOf,
  text,
  texts,
} from "./action.ts";
import { AwsError } from "./aws-error.ts";
import { described, dropOldest, newest, remembered, shown, versionNamed } from "./parameter-versions.ts";
import type { Parameter, ParameterVersion } from "./ssm-parameter.ts";

const TYPES: ReadonlySet<string> = new Set(["String", "StringList", "SecureString"]);
const MAX_LABELS = 10;
/** In UTF-8 bytes; the tier Advanced takes twice as much. */
const STANDARD_BYTES = 4096;

/** What the Parameter Store of SSM can do here. */
export const SSM_ACTIONS: AwsActions = {
  PutParameter: {
    resource: namedParameter,
    also: (input) => (tagsOf(input).size > 0 ? ["ssm:AddTagsToResource"] : []),
    act: putParameter,
  },
  GetParameter: {
    resource: namedParameter,
    act: (call) => {
      const { parameter, version, selector } = askedVersion(call, text(call.input, "Name"));
      return { Parameter: shown(parameter, version, call.input, selector) };
    },
  },
  GetParameters: {
    resource: namedParameter,
    act: (call) => {
      const names = texts(call.input, "Names");
      const found = names.flatMap((name) => {
        try {
          return [askedVersion(call, name)];
        } catch {
          return [];
        }
      });
      const known = new Set(found.map(({ parameter, selector }) => parameter.name + selector));
      return {
        Parameters: found.map(({ parameter, version, selector }) =>
          shown(parameter, version, call.input, selector),
        ),
        InvalidParameters: names.filter((name) => !known.has(name)),
      };
    },
  },
  GetParametersByPath: {
    resource: ({ account, region, input }) => ({ arn: arnFor(account, region, text(input, "Path")) }),
    act: (call) => {
      const path = `${text(call.input, "Path").replace(/\/$/, "")}/`;
      const deep = flag(call.input, "Recursive");
      const found = parametersOf(call).filter(
        ({ name }) => name.startsWith(path) && (deep || !name.slice(path.length).includes("/")),
      );
      return { Parameters: found.map((parameter) => shown(parameter, newest(parameter), call.input, "")) };
    },
  },
  GetParameterHistory: {
    resource: namedParameter,
    act: (call) => {
      const parameter = askedParameter(call, text(call.input, "Name"));
      return {
        Parameters: parameter.versions.map((version) => remembered(parameter, version, call.input)),
      };
    },
  },
  DescribeParameters: {
    resource: ({ account, region }) => ({ arn: `arn:aws:ssm:${region}:${account.id}:*` }),
    act: (call) => {
      const wanted = namesAsked(call);
      const found = parametersOf(call).filter(({ name }) => wanted === undefined || wanted.includes(name));
      return { Parameters: found.map((parameter) => described(parameter, newest(parameter))) };
    },
  },
  LabelParameterVersion: {
    resource: namedParameter,
    act: (call) => {
      const parameter = askedParameter(call, text(call.input, "Name"));
      const number = optionalText(call.input, "ParameterVersion");
      const version = number === undefined ? newest(parameter) : versionNamed(parameter, number);
      const labels = texts(call.input, "Labels");
      const valid = labels.filter((label) => /^(?!aws|ssm|\d)[\w.-]{1,100}$/i.test(label));
      if (new Set([...version.labels, ...valid]).size > MAX_LABELS) {
        throw new AwsError(
          "ParameterVersionLabelLimitExceeded",
          400,
          `A parameter version can have at most ${MAX_LABELS} labels.`,
        );
      }
      for (const label of valid) {
        for (const other of parameter.versions) other.labels.delete(label);
        version.labels.add(label);
      }
      return {
        InvalidLabels: labels.filter((label) => !valid.includes(label)),
        ParameterVersion: version.version,
      };
    },
  },
  UnlabelParameterVersion: {
    resource: namedParameter,
    act: (call) => {
      const parameter = askedParameter(call, text(call.input, "Name"));
      const version = versionNamed(parameter, text(call.input, "ParameterVersion"));
      const labels = texts(call.input, "Labels");
      const removed = labels.filter((label) => version.labels.delete(label));
      return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) };
    },
  },
  DeleteParameter: {
    resource: namedParameter,
    act: (call) => {
      const { arn } = askedParameter(call, text(call.input, "Name"));
      call.account.parameters.delete(arn);
      return {};
    },
  },
  AddTagsToResource: {
    resource: taggedParameter,
    act: (call) => {
      const { tags } = taggable(call);
      for (const [key, value] of tagsOf(call.input)) tags.set(key, value);
      return {};
    },
  },
  RemoveTagsFromResource: {
    resource: taggedParameter,
    act: (call) => {
      const { tags } = taggable(call);
      for (const key of texts(call.input, "TagKeys")) tags.delete(key);
      return {};
    },
  },
  ListTagsForResource: {
    resource: taggedParameter,
    act: (call) => ({ TagList: tagList(taggable(call).tags) }),
  },
};

function putParameter(call: ActionCall): Output {
  const { account, region, input, principal, now } = call;
  const name = text(input, "Name");
  const value = text(input, "Value");
  const arn = arnFor(account, region, name);
  const known = account.parameters.get(arn);
  if (known !== undefined && !flag(input, "Overwrite")) {
    throw new AwsError(
      "ParameterAlreadyExists",
      400,
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
  if (known !== undefined && tagsOf(input).size > 0) {
    throw invalid("Invalid request: tags and overwrite can't be used together.");
  }
  const last = known === undefined ? undefined : newest(known);
  const type = optionalText(input, "Type") ?? last?.type;
  if (type === undefined || !TYPES.has(type)) {
    throw invalid("A parameter type is required when you create a parameter.");
  }
  const tier = optionalText(input, "Tier") ?? last?.tier ?? "Standard";
  if (Buffer.byteLength(value) > (tier === "Advanced" ? 2 : 1) * STANDARD_BYTES) {
    throw invalid(
      "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.",
    );
  }
  const parameter = known ?? { arn, name, tags: new Map(tagsOf(input)), versions: [] };
  dropOldest(parameter);
  const description = optionalText(input, "Description");
  const keyId = type === "SecureString" ? (optionalText(input, "KeyId") ?? "alias/aws/ssm") : undefined;
  const version: ParameterVersion = {
    version: (last?.version ?? 0) + 1,
    value,
    type,
    tier,
    modifiedAt: now,
    modifiedBy: principal.arn,
    labels: new Set(),
    ...(description === undefined ? {} : { description }),
    ...(keyId === undefined ? {} : { keyId }),
  };
  parameter.versions.push(version);
  account.parameters.set(arn, parameter);
  return { Version: version.version, Tier: tier };
}

/** `NAME`, `NAME:VERSION` or `NAME:LABEL`; the whole may be an ARN. */
function askedVersion(
  call: ActionCall,
  asked: string,
): { parameter: Parameter; version: ParameterVersion; selector: string } {
  const [, name = asked, selector] = /^((?:arn:(?:[^:]*:){5})?[^:]+)(?::([^:]+))?$/.exec(asked) ?? [];
  const parameter = askedParameter(call, name);
  if (selector === undefined) return { parameter, version: newest(parameter), selector: "" };
  return { parameter, version: versionNamed(parameter, selector), selector: `:${selector}` };
}

function askedParameter(call: ActionCall, name: string): Parameter {
  const arn = name.startsWith("arn:") ? name : arnFor(call.account, call.region, name);
  const parameter = call.account.parameters.get(arn);
  if (parameter === undefined) {
    throw new AwsError("ParameterNotFound", 400, `Parameter ${name} not found.`);
  }
  return parameter;
}

function namedParameter(call: ActionCall): Resource {
  const { account, region, input } = call;
  const name = optionalText(input, "Name") ?? texts(input, "Names")[0] ?? "";
  const bare = name.startsWith("arn:") ? name : arnFor(account, region, name.split(":")[0] ?? "");
  const tags = account.parameters.get(bare)?.tags;
  return {
    arn: bare,
    context: {
      ...tagContext(tags, tagsOf(input)),
      ...Object.fromEntries([...(tags ?? [])].map(([key, value]) => [`ssm:resourceTag/${key}`, value])),
      "ssm:Overwrite": String(flag(input, "Overwrite")),
    },
  };
}

function taggedParameter({ account, region, input }: ActionCall): Resource {
  const arn = arnFor(account, region, text(input, "ResourceId"));
  const tags = account.parameters.get(arn)?.tags;
  return { arn, context: tagContext(tags, tagsOf(input), texts(input, "TagKeys")) };
}

function taggable(call: ActionCall): Parameter {
  const id = text(call.input, "ResourceId");
  const found = call.account.parameters.get(arnFor(call.account, call.region, id));
  if (text(call.input, "ResourceType") !== "Parameter" || found === undefined) {
    throw new AwsError(
      "InvalidResourceId",
      400,
      "The resource ID isn't valid. Verify that you entered the correct ID and try again.",
    );
  }
  return found;
}

/** Filters by name alone: `Values`, of the filter or of the older one. */
function namesAsked({ input }: ActionCall): readonly string[] | undefined {
  const filters = [input["ParameterFilters"], input["Filters"]].find(Array.isArray);
  const [first] = filters ?? [];
  if (first === undefined) return undefined;
  if (first.Key !== "Name" || (first.Option ?? "Equals") !== "Equals") {
    throw new Error("the stand-in filters parameters by Name and Equals alone");
  }
  return first.Values;
}

function parametersOf({ account, region }: ActionCall): Parameter[] {
  return [...account.parameters.values()].filter(({ arn }) => arn.split(":")[3] === region);
}

/** A name with a leading slash has one slash in its ARN, as one without. */
function arnFor(account: Account, region: string, name: string): string {
  return `arn:aws:ssm:${region}:${account.id}:parameter/${name.replace(/^\//, "")}`;
}

function invalid(message: string): AwsError {
  return new AwsError("ValidationException", 400, message);
}
