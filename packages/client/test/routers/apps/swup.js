import SwupHeadPlugin from "@swup/head-plugin";
import SwupScriptsPlugin from "@swup/scripts-plugin";
import Swup from "swup";

// With an animation, the address changes before the page does. Scripts of the head would start Swup once more.
new Swup({ containers: ["main"], plugins: [new SwupHeadPlugin(), new SwupScriptsPlugin({ head: false })] });
