import { openAwsIamProvider } from "./aws-iam-provider.ts";
import { describeKilledOverlap } from "./killed-overlap.ts";

describeKilledOverlap({
  name: "aws-iam",
  title: "access keys of an IAM user",
  open: openAwsIamProvider,
  // By run: adoption, rotation, deactivation, end.
  writes: {
    0: ["iam:TagUser"],
    1: ["iam:TagUser", "iam:CreateAccessKey", "iam:TagUser", "iam:UntagUser"],
    2: ["iam:TagUser", "iam:UpdateAccessKey"],
    3: ["iam:TagUser", "iam:DeleteAccessKey", "iam:UntagUser"],
  },
  mains: ["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"],
  delivers: true,
});
