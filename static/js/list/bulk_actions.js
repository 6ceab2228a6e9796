// The page of a bulk action: the selection has been used, and `z` undoes.

import { bind } from "../site/key_bindings.js";

if (document.querySelector("#bulk-action")) sessionStorage.removeItem("selection");

const undo = () => document.querySelector("#undo");
bind({ z: () => (undo() ? undo().click() : document.querySelector("#undo-last").requestSubmit()) });
