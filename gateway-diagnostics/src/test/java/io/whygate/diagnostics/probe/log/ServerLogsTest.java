package io.whygate.diagnostics.probe.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerLogsTest {
  private static final String KILLED = "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?";

  @TempDir private Path folder;
  private final ServerLogs logs = new ServerLogs();
  private final Instant now = Instant.now();
  private Path file;

  @BeforeEach
  void openLog() throws IOException {
    file = folder.resolve("app.log");
    Files.writeString(file, line(now, KILLED) + line(now, "unrelated"));
    logs.open(file);
  }

  @Test
  void neverBlamesWhatWasThereBefore() {
    assertThat(read().lines()).isEmpty();
  }

  @Test
  void findsALineOfTheLastMinute() throws IOException {
    append(line(now.minusSeconds(50), KILLED) + line(now, "GET / 200"));

    LogsRead read = read();

    assertThat(read.files()).isEqualTo(1);
    assertThat(read.lines())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.sign()).isEqualTo(Sign.OUT_OF_MEMORY);
          assertThat(found.file()).isEqualTo(file);
          assertThat(found.line()).contains("SIGKILL");
        });
  }

  @Test
  void letsAnOlderLineBeThoughItWasWrittenJustNow() throws IOException {
    append(line(now.minusSeconds(90), KILLED));
    assertThat(read().lines()).isEmpty();
  }

  @Test
  void takesALineWithoutATimeAtTheTimeOfItsWriting() throws IOException {
    append("JavaScript heap out of memory\n");
    logs.checkpoint();
    assertThat(read().lines()).hasSize(1);
    assertThat(logs.read(List.of(file), now.plusSeconds(120)).lines()).isEmpty();
  }

  @Test
  void followsAFileThatIsRotated() throws IOException {
    Files.move(file, folder.resolve("app.log.1"));
    Files.writeString(file, line(now, KILLED));
    assertThat(read().lines()).hasSize(1);
  }

  @Test
  void followsAFileThatIsCutShort() throws IOException {
    Files.writeString(file, line(now, "ENOSPC"));
    assertThat(read().lines()).singleElement().matches(l -> l.sign() == Sign.DISK_FULL);
  }

  @Test
  void saysWhichFileItCannotRead() {
    Path missing = folder.resolve("missing.log");
    LogsRead read = logs.read(List.of(missing, file), now);
    assertThat(read.unreadable()).containsExactly(missing);
    assertThat(read.files()).isEqualTo(1);
  }

  @Test
  void hidesWhatLooksLikeASecret() {
    String redacted =
        LogCatalogue.redacted(
            "PHP Fatal error: password=hunter2 Authorization: Bearer abc.def GET /pay?card=4111");
    assertThat(redacted).doesNotContain("hunter2").doesNotContain("abc.def").doesNotContain("4111");
    assertThat(LogCatalogue.redacted("x".repeat(2_000))).hasSize(300);
  }

  static Stream<Arguments> signs() {
    return Stream.of(
        Arguments.of(Sign.OUT_OF_MEMORY, "Out of memory: Killed process 412 (node)"),
        Arguments.of(
            Sign.OUT_OF_MEMORY,
            "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted (tried"),
        Arguments.of(
            Sign.WORKERS_EXHAUSTED,
            "WARNING: [pool www] server reached pm.max_children setting (5), consider raising it"),
        Arguments.of(
            Sign.WORKERS_EXHAUSTED,
            "WARNING: [pool www] server reached max_children setting (5), consider raising it"),
        Arguments.of(Sign.WORKER_TIMEOUT, "[CRITICAL] WORKER TIMEOUT (pid:81)"),
        Arguments.of(Sign.DISK_FULL, "write() failed (28: No space left on device)"),
        Arguments.of(
            Sign.DATABASE_UNAVAILABLE,
            "PHP Warning: mysqli_real_connect(): (HY000/2002): Connection refused"),
        Arguments.of(Sign.DATABASE_UNAVAILABLE, "MySQL server has gone away"),
        Arguments.of(
            Sign.DATABASE_UNAVAILABLE,
            "connection to server at \"10.0.0.9\", port 5432 failed: Connection refused"),
        Arguments.of(Sign.CRASHED, "php-fpm[7]: segfault at 0 ip 000055 sp 00007f error 4"),
        Arguments.of(
            Sign.CRASHED, "[pool www] child 12 exited on signal 11 (SIGSEGV) after 3.1 seconds"),
        Arguments.of(Sign.CRASHED, "PHP Fatal error:  Uncaught Error: Call to undefined function"));
  }

  @ParameterizedTest
  @MethodSource("signs")
  void knowsTheLinesByWhichServersNameACause(Sign sign, String line) {
    assertThat(LogCatalogue.signOf(line)).contains(sign);
    assertThat(LogCatalogue.signOf("GET /out-of-memory.html 200")).isEmpty();
  }

  static Stream<String> stamps() {
    return Stream.of(
        "yyyy-MM-dd'T'HH:mm:ss'Z' ",
        "yyyy-MM-dd HH:mm:ss.SSS '+0000' ",
        "'['yyyy-MM-dd HH:mm:ss '+0000] [7] [ERROR] '",
        "'['dd-MMM-yyyy HH:mm:ss 'UTC] '",
        "'10.0.0.1 - - ['dd/MMM/yyyy:HH:mm:ss '+0000] '");
  }

  @ParameterizedTest
  @MethodSource("stamps")
  void readsTheTimesThatServersWrite(String pattern) {
    Instant at = Instant.parse("2026-11-23T15:41:40Z");
    String stamp =
        DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(at.atOffset(ZoneOffset.UTC));
    assertThat(LogTime.of(stamp + "message", at, ZoneId.of("Asia/Ho_Chi_Minh"))).contains(at);
  }

  @Test
  void readsTimesWithoutAZoneAsLocalAndWithoutAYearAsNear() {
    ZoneId saigon = ZoneId.of("Asia/Ho_Chi_Minh");
    Instant at = Instant.parse("2026-11-23T15:41:40Z");
    assertThat(LogTime.of("2026/11/23 22:41:40 [error] 7#7: x", at, saigon)).contains(at);
    assertThat(LogTime.of("[Mon Nov 23 22:41:40.123456 2026] [php:error]", at, saigon))
        .contains(at);
    assertThat(LogTime.of("Nov 23 22:41:40 host kernel: x", at, saigon)).contains(at);
    assertThat(
            LogTime.of(
                "Dec 31 23:59:59 host x", Instant.parse("2027-01-01T00:00:10Z"), ZoneOffset.UTC))
        .contains(Instant.parse("2026-12-31T23:59:59Z"));
    assertThat(LogTime.of("no time here", at, saigon)).isEmpty();
    assertThat(LogTime.of("2026-99-23 22:41:40", at, saigon)).isEmpty();
  }

  private LogsRead read() {
    return logs.read(List.of(file), now);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private static String line(Instant at, String message) {
    return at.toString().substring(0, 19) + "Z " + message + "\n";
  }
}
