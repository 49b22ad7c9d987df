import { type AwsActions, optionalText, type Resource } from "./action.ts";
import { AwsError } from "./aws-error.ts";
import { credentialReportOf } from "./credential-report.ts";
import { shownUser } from "./iam-answers.ts";

/** What IAM tells of a whole account. */
export const IAM_ACCOUNT_ACTIONS: AwsActions = {
  ListUsers: {
    resource: ({ account }) => ({ arn: `arn:aws:iam::${account.id}:user/*`, shown: "users" }),
    act: ({ account, input }) => {
      const users = [...account.users.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const size = Number(optionalText(input, "MaxItems") ?? "100");
      const marker = optionalText(input, "Marker");
      const from = marker === undefined ? 0 : users.findIndex(({ id }) => id === marker);
      if (from === -1) throw new AwsError("ValidationError", 400, `Invalid Marker: ${marker}`);
      const next = users[from + size];
      return {
        // As IAM has it, without the tags.
        Users: users
          .slice(from, from + size)
          .map((user) => Object.assign({}, shownUser(user), { Tags: undefined })),
        IsTruncated: next !== undefined,
        ...(next === undefined ? {} : { Marker: next.id }),
      };
    },
  },
  GenerateCredentialReport: {
    resource: wholeAccount,
    act: ({ account, now }) => {
      account.report ??= credentialReportOf(account, now);
      return { State: "COMPLETE" };
    },
  },
  GetCredentialReport: {
    resource: wholeAccount,
    act: ({ account, now }) => {
      const { report } = account;
      if (report === undefined) throw new AwsError("ReportNotPresent", 410, "there is no report");
      return {
        Content: Buffer.from(report).toString("base64"),
        ReportFormat: "text/csv",
        GeneratedTime: now,
      };
    },
  },
};

function wholeAccount(): Resource {
  return { arn: "*", shown: "account" };
}
