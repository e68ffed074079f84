package io.whygate.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.e2e.lab.Folder;
import io.whygate.e2e.lab.LabProcess;
import io.whygate.e2e.lab.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// `./whygate` and what it finds a JDK with.
class LauncherTest {
  /// Makes a folder that looks like a JDK of this version.
  private static Path fakeJdk(Folder folder, String name, String version) {
    Path home = folder.path().resolve(name);
    folder.write(name + "/release", "JAVA_VERSION=\"" + version + "\"\n");
    folder.write(name + "/lib/modules", "");
    for (String program : List.of("java", "javac")) {
      assertThat(folder.write(name + "/bin/" + program, "#!/bin/sh\n").toFile().setExecutable(true))
          .isTrue();
    }
    return home;
  }

  private static String find(Map<String, String> environment) {
    try (LabProcess shell =
        LabProcess.start(
            Place.HERE,
            Repository.ROOT,
            environment,
            List.of("sh", "-c", ". .mvn/find-jdk.sh; find_jdk && echo \"$JDK\" || jdk_advice"))) {
      shell.awaitExit(Duration.ofSeconds(20));
      return shell.output().strip();
    }
  }

  @Test
  void takesJavaHomeWhereItIsNewEnough() {
    try (Folder folder = Folder.create("jdks")) {
      Path jdk = fakeJdk(folder, "jdk-26", "26.0.1");
      assertThat(find(Map.of("JAVA_HOME", jdk.toString()))).isEqualTo(jdk.toString());
    }
  }

  @Test
  void passesOverAnOldJavaHomeAndAnOldDefaultForTheOneOnPath() {
    try (Folder folder = Folder.create("jdks")) {
      Path old = fakeJdk(folder, "jdk-17", "17.0.15");
      Path good = fakeJdk(folder, "jdk-25", "25.0.3");
      assertThat(
              find(
                  Map.of(
                      "JAVA_HOME", old.toString(), "PATH", good.resolve("bin") + ":/usr/bin:/bin")))
          .isEqualTo(good.toString());
    }
  }

  @Test
  void looksIntoThePersonsOwnFolders() {
    try (Folder folder = Folder.create("jdks")) {
      Path good = fakeJdk(folder, ".sdkman/candidates/java/25.0.1-tem", "25.0.1");
      fakeJdk(folder, ".jdks/openjdk-24", "24");
      Path old = fakeJdk(folder, "old", "1.8.0_402");
      String found =
          find(
              Map.of(
                  "JAVA_HOME", old.toString(),
                  "HOME", folder.path().toString(),
                  "PATH", old.resolve("bin") + ":/usr/bin:/bin"));
      assertThat(found)
          .satisfiesAnyOf(
              home -> assertThat(home).isEqualTo(good.toString()),
              home -> assertThat(home).startsWith("/usr/lib/jvm/"));
    }
  }

  @Test
  void asksForTheVersionWhereNoFileTells() {
    try (Folder folder = Folder.create("jdks")) {
      Path jdk = fakeJdk(folder, "jdk", "25");
      assertThat(jdk.resolve("release").toFile().delete()).isTrue();
      folder.write("jdk/bin/java", "#!/bin/sh\necho '    java.specification.version = 25' >&2\n");
      assertThat(find(Map.of("JAVA_HOME", jdk.toString()))).isEqualTo(jdk.toString());
    }
  }

  @Test
  void saysWhatToInstallInOneLine() {
    try (LabProcess shell =
        LabProcess.start(
            Place.HERE, Repository.ROOT, "sh", "-c", ". .mvn/find-jdk.sh; jdk_advice")) {
      shell.awaitExit(Duration.ofSeconds(20));
      assertThat(shell.output().lines()).hasSize(1).first().asString().contains("JDK 25");
    }
  }
}
