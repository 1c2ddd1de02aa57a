// Runs a program in the console it is started in, and presses Ctrl-C there when it is told to: console.exe FOLDER.
// FOLDER has the file `command`; the program's outputs go to `stdout` and `stderr`, its exit status to `code`, and Ctrl-C
// comes once there is a file `press`.
#include <stdio.h>
#include <windows.h>

static char path[MAX_PATH];

static const char *in_folder(const char *folder, const char *name) {
  snprintf(path, sizeof path, "%s\\%s", folder, name);
  return path;
}

static HANDLE output(const char *file) {
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  return CreateFileA(file, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, CREATE_ALWAYS, 0, NULL);
}

// A handler, because ignoring Ctrl-C altogether is inherited.
static BOOL WINAPI stay(DWORD event) { return event == CTRL_C_EVENT; }

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  char command[4096] = "";
  FILE *file = fopen(in_folder(argv[1], "command"), "rb");
  if (file == NULL || fread(command, 1, sizeof command - 1, file) == 0) return 2;
  fclose(file);
  // Without a title Node dies in a console of wine 8.
  SetConsoleTitleA("test");
  SetConsoleCtrlHandler(stay, TRUE);
  STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
  startup.hStdOutput = output(in_folder(argv[1], "stdout"));
  startup.hStdError = output(in_folder(argv[1], "stderr"));
  startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
  PROCESS_INFORMATION started;
  if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &started)) return 3;
  BOOL pressed = FALSE;
  while (WaitForSingleObject(started.hProcess, 20) == WAIT_TIMEOUT) {
    if (pressed || GetFileAttributesA(in_folder(argv[1], "press")) == INVALID_FILE_ATTRIBUTES) continue;
    pressed = GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0);
  }
  DWORD code = 0;
  GetExitCodeProcess(started.hProcess, &code);
  file = fopen(in_folder(argv[1], "code"), "wb");
  fprintf(file, "%lu\n", code);
  fclose(file);
  return 0;
}
