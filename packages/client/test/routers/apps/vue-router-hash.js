import { createWebHashHistory } from "vue-router";
import { showApp } from "./vue-app.js";

showApp(createWebHashHistory());
