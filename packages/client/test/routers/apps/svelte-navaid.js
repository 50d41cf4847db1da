import { mount } from "svelte";
import App from "./svelte-navaid.svelte";

mount(App, { target: document.getElementById("app") });
