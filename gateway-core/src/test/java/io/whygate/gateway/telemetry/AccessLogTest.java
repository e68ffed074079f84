package io.whygate.gateway.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.LogFormat;
import io.whygate.gateway.config.LogFormat.Field;
import io.whygate.gateway.config.LogFormat.Literal;
import io.whygate.gateway.config.Settings.AccessLogSettings;
import io.whygate.gateway.config.Settings.Rotation;
import io.whygate.gateway.exchange.FinishedExchange.Outcome;
import io.whygate.gateway.telemetry.AccessLog.DropReason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class AccessLogTest {
  @TempDir Path folder;

  private final Map<DropReason, AtomicLong> dropped = new EnumMap<>(DropReason.class);

  AccessLogTest() {
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, new AtomicLong());
    }
  }

  private AccessLog open(Path file, int queue) {
    return open(file, queue, new LogFormat.Json(), Rotation.NONE);
  }

  private AccessLog open(Path file, int queue, LogFormat format, Rotation rotation) {
    return new AccessLog(
        new AccessLogSettings(true, file.toString(), queue, format, rotation),
        2,
        (reason, lines) -> dropped.get(reason).addAndGet(lines));
  }

  @Test
  void writesByAPatternAndLetsNoClientBreakALine() throws IOException {
    Path file = folder.resolve("access.log");
    LogFormat combined =
        new LogFormat.Pattern(
            List.of(
                Field.CLIENT,
                new Literal(" "),
                Field.TIME,
                new Literal(" \""),
                Field.REQUEST_LINE,
                new Literal("\" "),
                Field.STATUS,
                new Literal(" "),
                Field.RESPONSE_BYTES_OR_DASH,
                new Literal(" \""),
                Field.REFERER,
                new Literal("\" \""),
                Field.USER_AGENT,
                new Literal("\" "),
                Field.CAUSE));
    try (AccessLog log = open(file, 100, combined, Rotation.NONE)) {
      log.finished(SampleExchange.answered(200).withUserAgent("evil\" \\ \n é"), 0);
    }

    assertThat(Files.readString(file))
        .isEqualTo(
            "192.0.2.7 [14/Nov/2023:22:13:20 +0000] \"GET /cart?item=1 HTTP/1.1\" 200 512 \"-\""
                + " \"evil\\\" \\\\ \\x0a é\" -\n");
  }

  @Test
  void putsAFileAwayWhenItIsLargeEnoughAndKeepsSoMany() throws IOException {
    Path file = folder.resolve("access.log");
    Files.writeString(folder.resolve("access.log.1"), "older");
    try (AccessLog log =
        open(
            file,
            100,
            new LogFormat.Json(),
            new Rotation(Optional.of(200L), Optional.empty(), 2))) {
      for (int i = 0; i < 3; i++) {
        int files = i;
        log.finished(SampleExchange.answered(200 + i), 0);
        until(() -> statusIn("access.log.1").contains("\"status\":" + (200 + files)));
      }
      log.finished(SampleExchange.answered(299), 0);
    }

    assertThat(statusIn("access.log.1")).contains("\"status\":299");
    assertThat(statusIn("access.log.2")).contains("\"status\":202").doesNotContain("older");
    assertThat(folder.resolve("access.log.3")).doesNotExist();
  }

  private String statusIn(String name) {
    try {
      return Files.exists(folder.resolve(name)) ? Files.readString(folder.resolve(name)) : "";
    } catch (IOException e) {
      return "";
    }
  }

  @Test
  void putsAFileAwayWhenItIsOldEnough() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log =
        open(
            file,
            100,
            new LogFormat.Json(),
            new Rotation(Optional.empty(), Optional.of(Duration.ofMillis(1)), 1))) {
      log.finished(SampleExchange.answered(200), 0);
      until(() -> Files.exists(folder.resolve("access.log.1")));
    }
    assertThat(statusIn("access.log.1")).contains("\"status\":200");
  }

  @Test
  void writesALineForAnExchangeAndAnEntryForEachAttempt() throws IOException {
    Path file = folder.resolve("access.log");
    Incident incident =
        SampleIncident.of("abc123def456", "shop", Cause.BLIP_RECOVERED, Incident.State.HEALED);
    try (AccessLog log = open(file, 100)) {
      log.finished(
          SampleExchange.answered(200)
              .withEnd(
                  Outcome.COMPLETED,
                  List.of(
                      SampleExchange.attempt(0, Optional.of(new AttemptFailure.ConnectRefused())),
                      SampleExchange.attempt(200, Optional.empty())))
              .withIncident(incident),
          0);
    }

    assertThat(Files.readString(file))
        .isEqualTo(
            """
            {"time":"2023-11-14T22:13:20.123Z","client":"192.0.2.7","method":"GET",\
            "scheme":"http","host":"shop.example","target":"/cart?item=1","protocol":"HTTP/1.1",\
            "status":200,"outcome":"completed","duration_ms":12.345,"request_bytes":0,\
            "response_bytes":512,"user_agent":"test/1.0","request_id":"4f0c1a9b7d2e","listener":"0.0.0.0:8080",\
            "route":"shop","upstream":"shop","cause":"blip.recovered","incident":"abc123def456",\
            "attempts":[{"endpoint":"http://shop.internal:3000","address":"10.0.0.5",\
            "protocol":"http/1.1","reused":false,"status":0,"failure":"connect-refused","bytes_sent":210,\
            "bytes_received":812,"ended_ms":12,"resolved_ms":0.01,"connected_ms":1.2,\
            "secured_ms":1.2,"sent_ms":1.3},\
            {"endpoint":"http://shop.internal:3000","address":"10.0.0.5","protocol":"http/1.1",\
            "reused":false,\
            "status":200,"bytes_sent":210,"bytes_received":812,"ended_ms":12,\
            "resolved_ms":0.01,"connected_ms":1.2,"secured_ms":1.2,"sent_ms":1.3,\
            "first_byte_ms":9}]}
            """);
  }

  @Test
  void keepsALineALineWhateverAClientSends() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log = open(file, 100)) {
      log.finished(
          SampleExchange.answered(200)
              .withUserAgent("a\"b\\c\nd\u0000\u001b[31m\u009b é 漢 \ud83d\ude00 \ud800"),
          0);
    }

    assertThat(Files.readAllLines(file))
        .singleElement()
        .asString()
        .contains(
            "\"user_agent\":\"a\\\"b\\\\c\\nd\\u0000\\u001b[31m\\u009b é 漢 \ud83d\ude00 \ufffd\"");
  }

  @Test
  void cutsWhatAClientMadeVeryLong() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log = open(file, 100)) {
      log.finished(SampleExchange.answered(200).withTarget("/" + "x".repeat(60_000)), 0);
    }

    assertThat(Files.readAllLines(file))
        .singleElement()
        .satisfies(line -> assertThat(line).hasSizeLessThan(5_000).contains("x…\""));
  }

  @Test
  void takesLinesOfAllEventLoops() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log = open(file, 20_000)) {
      List<Thread> loops =
          List.of(0, 1).stream()
              .map(loop ->
                  Thread.ofPlatform()
                      .start(() -> {
                        for (int i = 0; i < 5_000; i++) {
                          log.finished(
                              SampleExchange.answered(200).withTarget("/" + loop + "/" + i), loop);
                        }
                      }))
              .toList();
      loops.forEach(AccessLogTest::join);
    }

    List<String> lines = Files.readAllLines(file);
    assertThat(lines).hasSize(10_000).allMatch(line -> line.endsWith("}"));
    assertThat(lines.stream().filter(line -> line.contains("\"target\":\"/0/")).toList())
        .as("the order of one loop is kept")
        .hasSize(5_000)
        .first()
        .asString()
        .contains("\"/0/0\"");
    assertThat(dropped.get(DropReason.QUEUE_FULL)).hasValue(0);
  }

  @Test
  void dropsAndCountsWhatTheQueueDoesNotHold() throws IOException {
    Path pipe = folder.resolve("pipe");
    fifo(pipe);
    // A pipe that nobody reads: opening it holds up the writer, as a stalled disk does.
    AccessLog log = open(pipe, 20);
    for (int i = 0; i < 100; i++) {
      log.finished(SampleExchange.answered(200), 0);
    }

    List<String> lines;
    try (var reader = Files.newBufferedReader(pipe)) {
      Thread closing = Thread.ofPlatform().start(log::close);
      lines = reader.lines().toList();
      join(closing);
    }

    long lost = dropped.get(DropReason.QUEUE_FULL).get();
    assertThat(lost).isPositive();
    assertThat(lines.size() + lost).isEqualTo(100);
    assertThat(lines).allMatch(line -> line.startsWith("{\"time\"") && line.endsWith("]}"));
  }

  @Test
  void goesOnWhenTheDiskIsFull() {
    assumeThat(Path.of("/dev/full")).exists();
    AccessLog log = open(Path.of("/dev/full"), 100);
    log.finished(SampleExchange.answered(200), 0);

    until(() -> dropped.get(DropReason.WRITE_FAILED).get() == 1);
    log.finished(SampleExchange.answered(200), 1);
    until(() -> dropped.get(DropReason.WRITE_FAILED).get() == 2);
    log.close();
  }

  @Test
  void warnsOnceInOneLineThatItCannotBeWritten() {
    Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
    ListAppender<ILoggingEvent> said = new ListAppender<>();
    said.start();
    logger.addAppender(said);
    try (AccessLog log = open(folder.resolve("nowhere").resolve("access.log"), 100)) {
      for (int i = 0; i < 5; i++) {
        log.finished(SampleExchange.answered(200), 0);
      }
      until(() -> dropped.get(DropReason.WRITE_FAILED).get() == 5);
    } finally {
      logger.detachAppender(said);
    }

    assertThat(said.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .singleElement()
        .asString()
        .contains("nowhere/access.log", "its folder does not exist", "lines are dropped")
        .doesNotContain("\n");
  }

  @Test
  void writesAgainOnceTheFolderIsThere() throws IOException {
    Path file = folder.resolve("logs").resolve("access.log");
    try (AccessLog log = open(file, 100)) {
      log.finished(SampleExchange.answered(200), 0);
      until(() -> dropped.get(DropReason.WRITE_FAILED).get() == 1);

      Files.createDirectory(file.getParent());
      until(() -> {
        log.finished(SampleExchange.answered(201), 0);
        return Files.exists(file);
      });
    }

    assertThat(Files.readString(file)).contains("\"status\":201").endsWith("}\n");
  }

  @Test
  void followsAFileThatIsRotatedAway() throws IOException {
    Path file = folder.resolve("access.log");
    Path old = folder.resolve("access.log.1");
    try (AccessLog log = open(file, 100)) {
      log.finished(SampleExchange.answered(200), 0);
      until(() -> sizeOf(file) > 0);
      Files.move(file, old);
      log.reopen();
      until(() -> {
        log.finished(SampleExchange.answered(404), 0);
        return Files.exists(file);
      });
    }

    assertThat(Files.readAllLines(old)).isNotEmpty();
    assertThat(Files.readString(file)).contains("\"status\":404");
  }

  @Test
  void noticesByItselfThatAFileWasRotatedAway() throws IOException {
    Path file = folder.resolve("access.log");
    try (AccessLog log = open(file, 100)) {
      log.finished(SampleExchange.answered(200), 0);
      until(() -> sizeOf(file) > 0);
      Files.move(file, folder.resolve("access.log.1"));
      until(() -> {
        log.finished(SampleExchange.answered(404), 0);
        return Files.exists(file);
      });
    }

    assertThat(dropped.get(DropReason.WRITE_FAILED)).hasValue(0);
  }

  private static long sizeOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : 0;
    } catch (IOException _) {
      return 0;
    }
  }

  private static void fifo(Path path) throws IOException {
    try {
      int exit = new ProcessBuilder("mkfifo", path.toString()).start().waitFor();
      assumeThat(exit).isZero();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void join(Thread thread) {
    try {
      assertThat(thread.join(Duration.ofSeconds(20))).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void until(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited 20 s").isLessThan(deadline);
      LockSupport.parkNanos(5_000_000);
    }
  }
}
