import { createWebHistory } from "vue-router";
import { showApp } from "./vue-app.js";

showApp(createWebHistory());
