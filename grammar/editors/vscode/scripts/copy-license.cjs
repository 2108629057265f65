// The package carries the licence of the house.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

const here = path.join(__dirname, "..");
fs.copyFileSync(path.join(here, "..", "..", "..", "LICENSE"), path.join(here, "LICENSE"));
