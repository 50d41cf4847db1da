// What a Next.js application does with the example when somebody looks at a profile twice. Prints what came of it.
import { viewProfile } from "./actions.js";

const [modelId] = process.argv.slice(2);
const views = [await viewProfile(modelId), await viewProfile(modelId)];
process.stdout.write(JSON.stringify({ node: process.version, views }));
