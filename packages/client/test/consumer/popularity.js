// Calls the example's function as a Next.js application does.
import { popularity } from "./actions.js";

process.stdout.write(JSON.stringify(await popularity(process.argv[2])));
