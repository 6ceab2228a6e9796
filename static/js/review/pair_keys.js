// Pairs by keyboard: 1 left, 2 right, = both good, 0 both bad, s skip, w word diff, z undo.

import { bindKeys } from "./feedback_queue.js";

bindKeys("12=0swz");
