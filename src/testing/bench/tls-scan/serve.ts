// Serves exhibits until its standard input ends: node serve.ts COUNT; writes one line of JSON when it is ready.
import { tlsServers } from "../../services/tls/tls-servers.ts";
import { exhibits } from "./estate.ts";

const { root, all } = exhibits(Number(process.argv[2]));
const servers = tlsServers();
const endpoints = [];
for (const { chain, verdict } of all) endpoints.push({ port: await servers.serve(chain), verdict });
process.stdout.write(`${JSON.stringify({ root: root.pem, endpoints })}\n`);
process.stdin.resume().once("end", () => void servers.close());
