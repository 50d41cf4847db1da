// Calls the example's function as a Next.js application does when a visitor opens a profile twice. Prints the results.
import { viewProfile } from "./actions.js";

const [modelId] = process.argv.slice(2);
const views = [await viewProfile(modelId), await viewProfile(modelId)];
process.stdout.write(JSON.stringify({ node: process.version, views }));
