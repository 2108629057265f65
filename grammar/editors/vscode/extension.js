// The VS Code side of skyflow: starts `skyflow lsp` and runs commands in a terminal. What is known about storyboards is known by the server.
"use strict";

const childProcess = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const vscode = require("vscode");
const { LanguageClient, TransportKind } = require("vscode-languageclient/node");

const execute = promisify(childProcess.execFile);
const COMMANDS = { check: ["check"], plan: ["plan"], run: ["run"] };

/** @type {LanguageClient | undefined} */
let client;

async function activate(context) {
  for (const [name, words] of Object.entries(COMMANDS)) {
    context.subscriptions.push(vscode.commands.registerCommand(`skyflow.${name}`, (uri) => runInTerminal(words, uri)));
  }
  context.subscriptions.push(
    vscode.commands.registerCommand("skyflow.restart", restart),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (["skyflow.command", "skyflow.variables"].some((name) => event.affectsConfiguration(name))) return restart();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
  );
  await start();
}

async function deactivate() {
  const stopping = client;
  client = undefined;
  await stopping?.stop();
}

async function restart() {
  await deactivate();
  await start();
}

/** Nothing of a workspace is executed before it is trusted. */
async function start() {
  if (!vscode.workspace.isTrusted) return;
  const command = findCommand();
  try {
    await execute(command, ["--version"]); // what is not there is told once, in our words
  } catch (error) {
    await tellMissing(command, error);
    return;
  }
  const server = { command, args: ["lsp"], transport: TransportKind.stdio };
  client = new LanguageClient("skyflow", "Storyboards (skyflow)", server, {
    documentSelector: [{ language: "storyboard", scheme: "file" }],
    initializationOptions: { pictures: true, variables: setting("variables", {}) },
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*") },
  });
  try {
    await client.start();
  } catch (error) {
    client = undefined; // the client itself has told why, with a way to its output
    console.error(error);
  }
}

async function tellMissing(command, error) {
  const settings = "Open Settings";
  const chosen = await vscode.window.showErrorMessage(
    `Storyboards are not checked: \`${command} lsp\` could not be started (${error.code ?? error.message}). ` +
      "Install it with: pip install 'skyflow[lsp]', or say in the settings where it is.",
    settings,
  );
  if (chosen === settings) await vscode.commands.executeCommand("workbench.action.openSettings", "skyflow.command");
}

/** The program that the settings name; else one in a virtual environment of the workspace; else what the PATH finds. */
function findCommand() {
  const written = setting("command", "").trim();
  if (written) return written;
  const program = process.platform === "win32" ? ["Scripts", "skyflow.exe"] : ["bin", "skyflow"];
  for (const folder of vscode.workspace.workspaceFolders ?? []) {
    for (const environment of [".venv", "venv"]) {
      const candidate = path.join(folder.uri.fsPath, environment, ...program);
      if (fs.existsSync(candidate)) return candidate;
    }
  }
  return "skyflow";
}

function setting(name, otherwise) {
  return vscode.workspace.getConfiguration("skyflow").get(name, otherwise);
}

/** Runs a command on the storyboard in a terminal, where questions can be answered. No shell reads the words, so every path is safe. */
async function runInTerminal(words, uri) {
  const target = uri ?? vscode.window.activeTextEditor?.document.uri;
  if (target?.scheme !== "file") {
    await vscode.window.showWarningMessage("Open a storyboard that is saved on a disk first.");
    return;
  }
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === target.toString());
  if (document?.isDirty && !(await document.save())) return;
  const file = target.fsPath;
  const task = new vscode.Task(
    { type: "skyflow", command: words[0] },
    vscode.workspace.getWorkspaceFolder(target) ?? vscode.TaskScope.Workspace,
    `${words.join(" ")} ${path.basename(file)}`,
    "skyflow",
    // `./` keeps a name that begins with a dash from being read as an option.
    new vscode.ProcessExecution(findCommand(), [...words, named(path.basename(file))], { cwd: path.dirname(file) }),
  );
  task.presentationOptions = {
    reveal: vscode.TaskRevealKind.Always,
    panel: vscode.TaskPanelKind.Dedicated,
    clear: true,
    focus: true,
  };
  await vscode.tasks.executeTask(task);
}

function named(file) {
  return file.startsWith("-") ? `.${path.sep}${file}` : file;
}

module.exports = { activate, deactivate };
