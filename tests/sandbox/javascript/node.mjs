// node node.mjs JSON: signs in as the JSON says, and prints what came of it.
import { signIn } from "./sign_in.mjs";

console.log(JSON.stringify(await signIn(JSON.parse(process.argv[2]))));
