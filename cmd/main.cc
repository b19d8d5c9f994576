#include "cmd/command_line.h"

int main(int argc, char** argv) {
  return xzgate::cmd::RunCommandLine(argc, argv);
}
