// The pages of acts: what was selected has been used, and `z` undoes.

import { bind } from "./keys.js";

if (document.querySelector("#bulk-action")) sessionStorage.removeItem("selection");

bind({ z: () => document.querySelector("#undo")?.click() });
