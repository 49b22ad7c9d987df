import { openEntraProvider } from "./entra-provider.ts";
import { describeKilledOverlap } from "./killed-overlap.ts";

describeKilledOverlap({
  name: "entra-application",
  title: "client secrets of an application in Microsoft Entra",
  open: openEntraProvider,
  // Nothing is deactivated: the end needs evidence, and is for good.
  writes: { 0: ["updateApplication"], 1: ["addPassword"], 2: ["removePassword", "updateApplication"] },
  mains: ["addPassword", "removePassword"],
});
