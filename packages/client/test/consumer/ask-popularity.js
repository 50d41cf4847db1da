// What a Next.js application asks by the example.
import { popularity } from "./actions.js";

process.stdout.write(JSON.stringify(await popularity(process.argv[2])));
