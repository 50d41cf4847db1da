import { listen, prerender } from "quicklink";

listen();
prerender([...document.links].map(({ href }) => href));
