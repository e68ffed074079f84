package io.whygate.diagnostics.probe.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LogSource;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.RequestFacts;
import io.whygate.diagnostics.platform.Platform;
import io.whygate.diagnostics.probe.Deadline;
import io.whygate.diagnostics.probe.Finding.LogsRead;
import io.whygate.diagnostics.probe.Finding.LogsRead.Sign;
import io.whygate.diagnostics.redaction.LineRedaction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ServerLogsTest {
  private static final Kin KIN = new Kin(Optional.empty(), Set.of(), "shop");
  private static final String KILLED = "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?";

  @TempDir private Path folder;
  private final ServerLogs logs = new ServerLogs(new ReceivedLogs(ReceivedLogs.Limits.STANDARD));
  private final Instant now = Instant.now();
  private Path file;

  @BeforeEach
  void openLog() throws IOException {
    file = folder.resolve("app.log");
    Files.writeString(file, line(now, KILLED) + line(now, "unrelated"));
    logs.open(new LogSource.LogFile(file));
  }

  @Test
  void neverBlamesWhatWasThereBefore() {
    assertThat(read().lines()).isEmpty();
  }

  @Test
  void findsALineOfTheLastMinute() throws IOException {
    append(line(now.minusSeconds(50), KILLED) + line(now, "GET / 200"));

    LogsRead read = read();

    assertThat(read.sources()).isEqualTo(1);
    assertThat(read.lines())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.sign()).isEqualTo(Sign.OUT_OF_MEMORY);
          assertThat(found.source()).isEqualTo(file.toString());
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
    assertThat(read(file, now.plusSeconds(120), KIN).lines()).isEmpty();
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
    LogsRead read =
        logs.read(
            List.of(new LogSource.LogFile(missing), new LogSource.LogFile(file)),
            now,
            sequence(now, KIN),
            Deadline.in(Duration.ofSeconds(1)));
    assertThat(read.unread())
        .containsExactly(new LogsRead.Unread(missing.toString(), "no such file"));
    assertThat(read.sources()).isEqualTo(1);
  }

  @Test
  void hidesWhatLooksLikeASecretOrAPerson() {
    String redacted =
        LineRedaction.of(
            "PHP Fatal error: password=hunter2 Authorization: Bearer abc.def GET /pay?card=4111"
                + " DB_PASSWORD=>'pw17' mysql://wp:pw18@db/wp for ann.lee@example.org, client:"
                + " 203.0.113.9, card 4111 1111 1111 1111\u0007");
    assertThat(redacted)
        .doesNotContain("hunter2", "abc.def", "4111", "pw17", "pw18", "ann.lee", "203.0.113.9")
        .contains("PHP Fatal error", "@example.org");
    assertThat(LineRedaction.of("x".repeat(2_000))).hasSize(300);
  }

  @Test
  void readsWhatWasWrittenToARenamedFileBefore() throws IOException {
    append(line(now, KILLED));
    Files.move(file, folder.resolve("app.log.1"));
    Files.writeString(file, line(now, "a new day"));
    assertThat(read().lines()).hasSize(1);
    assertThat(read().lines()).as("and again").hasSize(1);
  }

  @Test
  void noticesAFileThatWasEmptiedAndHasGrownAgain() throws IOException {
    String grown = line(now, "unlike").repeat(20) + line(now, "ENOSPC");
    Files.writeString(file, grown);
    assertThat(read().lines()).singleElement().matches(l -> l.sign() == Sign.DISK_FULL);
  }

  @Test
  void readsALineWithoutAnEndAndOneThatHasNone() throws IOException {
    append(line(now, "x".repeat(5_000_000)) + "\0\1\2\377 binary \0" + "\n");
    append(line(now, KILLED).strip());
    assertThat(read().lines()).hasSize(1);
  }

  @Test
  void doesNotWaitForAPipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    assertThat(read(pipe).unread())
        .singleElement()
        .satisfies(each -> assertThat(each.why()).isEqualTo("not a regular file"));
  }

  @Test
  void doesNotTakeAWorkerThatWasKilledForItsTimeForOneWithoutMemory() throws IOException {
    append(line(now, "[81] [CRITICAL] WORKER TIMEOUT (pid:7)") + line(now, KILLED));
    assertThat(read().lines()).extracting(l -> l.sign()).containsOnly(Sign.WORKER_TIMEOUT);
  }

  @Test
  void letsWhatWasBeforeAStartBe() throws IOException {
    append(
        line(now.minusSeconds(30), KILLED)
            + line(now.minusSeconds(28), "[81] [INFO] Booting worker with pid: 9"));
    assertThat(read().lines()).isEmpty();
  }

  @Test
  void takesACrashForTheReasonWhereANewWorkerCameAfterTheFailureAlone() throws IOException {
    append(line(now, KILLED) + line(now, "[81] [INFO] Booting worker with pid: 9"));
    assertThat(read().lines()).hasSize(1);
  }

  static Stream<Arguments> kin() {
    return Stream.of(
        Arguments.of("", "node", 0.95),
        Arguments.of("", "mysqldump", 0),
        Arguments.of("", "shopd", 0.95),
        Arguments.of("", "atlas", 0.6),
        Arguments.of("wordpress", "php-fpm8.2", 0.95),
        Arguments.of("wordpress", "mariadbd", 0.95),
        Arguments.of("wordpress", "node", 0));
  }

  @ParameterizedTest
  @MethodSource("kin")
  void asksWhoseProcessWasKilled(String platform, String program, double confidence)
      throws IOException {
    append(
        DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ENGLISH)
                .format(now.atZone(ZoneId.systemDefault()))
            + " web1 kernel: [98231.4] Out of memory: Killed process 4242 ("
            + program
            + ") total-vm:1kB\n");
    Kin kin = new Kin(Platform.named(platform), Set.of(), "shop");
    LogsRead read = read(file, kin);
    assertThat(read.lines().stream().mapToDouble(l -> l.confidence()).max().orElse(0))
        .isEqualTo(confidence);
  }

  @Test
  void leavesAnotherUnitsCrashAlone() throws IOException {
    append(line(now, "").strip() + " web1 backup[9]: Segmentation fault (core dumped)\n");
    append(
        line(now, "").strip()
            + " web1 systemd[1]: cron.service: Main process exited,"
            + " code=dumped, status=11/SEGV\n");
    assertThat(read().lines()).isEmpty();
  }

  @Test
  void leavesTheFaultOfAnotherRequestAlone() throws IOException {
    append(line(now, "[84] [ERROR] Error handling request /report"));
    assertThat(read().lines()).isEmpty();
    append(line(now, "[84] [ERROR] Error handling request /order"));
    assertThat(read().lines()).hasSize(1);
  }

  @Test
  void leavesTheLineOfAnotherSiteOfTheSameServerAlone() throws IOException {
    String failed =
        " [error] 7#7: *5 connect() failed (111: Connection refused) while connecting to upstream,"
            + " client: 1.2.3.4, server: _, request: \"GET /order HTTP/1.1\", host: \"%s\"";
    append(line(now, failed.formatted("blog.example")));
    assertThat(read().lines()).isEmpty();
    append(line(now, failed.formatted("SHOP.example")));
    assertThat(read().lines()).singleElement().matches(l -> l.sign() == Sign.BEHIND_FAILED);
  }

  @Test
  void saysHowAFileThatMayNotBeReadIsOpenedToTheGateway() throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    String group = Files.readAttributes(file, PosixFileAttributes.class).group().getName();
    assertThat(Access.denied(file, "whygate")).contains("sudo usermod -aG " + group + " whygate");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(Access.denied(file, "whygate")).contains("sudo setfacl -m u:whygate:r " + file);
  }

  @Test
  void readsTimesSinceTheEpochAndZonesByTheirNames() {
    Instant at = Instant.parse("2026-11-23T15:41:40Z");
    ZoneId saigon = ZoneId.of("Asia/Ho_Chi_Minh");
    assertThat(LogTime.of("{\"level\":50,\"time\":1795448500123,\"msg\":\"x\"}", at, saigon))
        .contains(at);
    assertThat(LogTime.of("{\"level\":\"error\",\"ts\":1795448500.12}", at, saigon)).contains(at);
    assertThat(LogTime.of("2026-11-23 16:41:40.123 CET [77] LOG:  x", at, saigon)).contains(at);
    assertThat(LogTime.of("2026-11-23 22:41:40.123 ICT [77] LOG:  x", at, saigon)).contains(at);
    assertThat(LogTime.of("2026-11-23 22:41:40 ERROR x", at, saigon)).contains(at);
    assertThat(LogTime.of("2026-11-23 10:41:40-05 x", at, saigon)).contains(at);
  }

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String ID = "0123456789abcdef0123456789abcdef";

  private LogsRead readFor(String... ids) {
    return logs.read(
        List.of(new LogSource.LogFile(file)),
        now,
        sequence(now, KIN, List.of(ids)),
        Deadline.in(Duration.ofSeconds(1)));
  }

  static Stream<String> linesOfARequest() {
    return Stream.of(
        "F, [2026 #81] FATAL -- : [%s] ActionView::Template::Error (no)", // Rails
        "ERROR [shop,%s,a3ce929d0e0e4736] 7 --- Servlet.service() for servlet [x] threw exception",
        "[84] [ERROR] request_id=%s Internal Server Error: /other",
        "{\"level\":\"error\",\"requestId\":\"%s\",\"message\":\"http: panic serving 10.0.0.1\"}");
  }

  @ParameterizedTest
  @MethodSource("linesOfARequest")
  void tiesALineToTheRequestWhoseIdItHas(String form) throws IOException {
    append(line(now, form.formatted(ID)));
    assertThat(readFor(ID).lines())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.tied()).isTrue();
          assertThat(found.confidence()).isGreaterThan(0.97);
        });
    assertThat(readFor(TRACE).lines()).as("another request").isEmpty();
  }

  @Test
  void takesAnyErrorOfTheVeryRequestForItsReasonAndNoMereWarning() throws IOException {
    append(line(now, "{\"level\":40,\"reqId\":\"%s\",\"msg\":\"slow\"}".formatted(ID)));
    assertThat(readFor(ID).lines()).isEmpty();
    append(line(now, "{\"level\":50,\"reqId\":\"%s\",\"msg\":\"no cart\"}".formatted(ID)));
    assertThat(readFor(TRACE).lines()).isEmpty();
    assertThat(readFor(ID).lines())
        .singleElement()
        .satisfies(found -> assertThat(found.sign()).isEqualTo(Sign.REQUEST_FAILED));
  }

  @Test
  void blamesAnotherRequestsLineForWhatBefellTheServer() throws IOException {
    append(line(now, "[%s] FATAL:  sorry, too many clients already".formatted(ID)));
    assertThat(readFor(TRACE).lines())
        .singleElement()
        .satisfies(found -> assertThat(found.tied()).isFalse());
  }

  @Test
  void letsATraceBelongToTheLineThatItGoesOnWith() throws IOException {
    String trace = "Traceback (most recent call last):\n  File x\nMemoryError\n";
    append(line(now, "request_id=" + ID + " failed") + trace);
    assertThat(readFor(TRACE).lines()).isEmpty();
    assertThat(readFor(ID).lines())
        .singleElement()
        .satisfies(found -> {
          assertThat(found.tied()).isTrue();
          assertThat(found.sign()).isEqualTo(Sign.OUT_OF_MEMORY);
        });
  }

  @Test
  void takesNoShortIdForAProof() throws IOException {
    append(line(now, "[84] [ERROR] Error handling request /order 17"));
    assertThat(readFor("17").lines())
        .singleElement()
        .satisfies(found -> assertThat(found.tied()).isFalse());
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
    return read(file);
  }

  private LogsRead read(Path path) {
    return read(path, KIN);
  }

  private LogsRead read(Path path, Kin kin) {
    return read(path, now, kin);
  }

  private LogsRead read(Path path, Instant failure, Kin kin) {
    return logs.read(
        List.of(new LogSource.LogFile(path)),
        failure,
        sequence(failure, kin),
        Deadline.in(Duration.ofSeconds(1)));
  }

  private static Sequence sequence(Instant failure, Kin kin) {
    return sequence(failure, kin, List.of());
  }

  private static Sequence sequence(Instant failure, Kin kin, List<String> ids) {
    FailedExchange exchange =
        Failures.at("http://127.0.0.1:80")
            .failing(new AttemptFailure.ConnectionLost(Phase.AWAIT_RESPONSE, Closing.RESET));
    return new Sequence(
        new FailedExchange(
            exchange.upstream(),
            new RequestFacts(
                "GET",
                exchange.request().path(),
                "shop.example",
                "http",
                0,
                ids,
                "",
                RequestFacts.Size.UNKNOWN),
            exchange.failure(),
            exchange.attempts(),
            exchange.processed(),
            failure,
            0),
        kin);
  }

  private void append(String text) throws IOException {
    Files.writeString(file, text, StandardOpenOption.APPEND);
  }

  private static String line(Instant at, String message) {
    return at.toString().substring(0, 19) + "Z " + message + "\n";
  }
}
