package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.GatewayProcess;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// The commands of the first five minutes, in one shell, one after the other, as they stand in the
/// document; only ports and folders are others. What a block is said to print, it prints.
@Needs({"python3", "curl"})
class GettingStartedTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^( *)```(sh|text)\\n(.*?)^ *```$");
  private static final String END = "-- end of a block --";

  @Test
  void doesWhatTheDocumentSays() throws IOException {
    try (Folder folder = Folder.create("started")) {
      Path launcher = folder.write("whygate", "#!/bin/sh\nexec " + launcher() + " \"$@\"\n");
      assertThat(launcher.toFile().setExecutable(true)).isTrue();
      Files.createDirectories(folder.path().resolve("config"));
      Files.copy(
          Repository.ROOT.resolve("config/gateway.conf"),
          folder.path().resolve("config/gateway.conf"));
      List<String> commands = new ArrayList<>();
      List<String> wanted = new ArrayList<>();
      for (MatchResult block :
          BLOCK.matcher(Repository.read("docs/getting-started.md")).results().toList()) {
        if (block.group(2).equals("sh")) {
          commands.add(block.group(3));
          wanted.add("");
        } else {
          wanted.set(wanted.size() - 1, block.group(3).strip());
        }
      }
      String[] printed = printed(folder, commands).split(END, -1);
      for (int i = 0; i < wanted.size(); i++) {
        for (String line : wanted.get(i).lines().map(String::strip).toList()) {
          assertThat(printed[i]).as(commands.get(i)).contains(line);
        }
      }
    }
  }

  private static String launcher() {
    return GatewayProcess.commandLine().stream()
        .map(each -> "'" + each + "'")
        .collect(Collectors.joining(" "));
  }

  private static String printed(Folder folder, List<String> commands) throws IOException {
    String site = Integer.toString(Place.HERE.freePort());
    String gateway = Integer.toString(Place.HERE.freePort());
    String admin = Integer.toString(Place.HERE.freePort());
    Path configuration = folder.path().resolve("config/gateway.conf");
    Files.writeString(configuration, Files.readString(configuration).replace("9180", admin));
    String script =
        commands.stream()
            .map(block -> block + "\necho '" + END + "'\n")
            .collect(Collectors.joining())
            .replace("/tmp/shop", folder.path() + "/shop")
            .replace("--to http", "--admin 127.0.0.1:9180 --to http")
            .replace("3000", site)
            .replace("8080", gateway)
            .replace("9180", admin);
    folder.write("commands.sh", "set -e\ntrap 'kill $GATEWAY $SITE 2>/dev/null' EXIT\n" + script);
    try (LabProcess shell =
        LabProcess.start(
            Place.HERE, folder.path(), Map.of("LANG", "C.UTF-8"), List.of("bash", "commands.sh"))) {
      int status = shell.awaitExit(Duration.ofMinutes(3));
      assertThat(shell.output().split(END, -1))
          .as("status %d%n%s", status, shell.output())
          .hasSize(commands.size() + 1);
      return shell.output().replace(site, "3000");
    }
  }
}
