package io.whygate.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.memory.Memory;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Step;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What becomes of a diagnosis whose questions the budget cut short.
class LongerLookTest {
  private static final Duration BUDGET = Duration.ofMillis(300);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final BlockingQueue<Diagnosis> refined = new LinkedBlockingQueue<>();

  /// How long the server takes for a light path; whether it gives none at first; what it was asked.
  private volatile Duration light = Duration.ofSeconds(1);

  private volatile boolean isSilentAtFirst;
  private final Set<String> heads = ConcurrentHashMap.newKeySet();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private Failures failures = Failures.at("http://127.0.0.1:9");

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
  }

  @Test
  void aBetterCauseIsFoundOnceTheServerAnswersLate() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ofSeconds(30));
    FailedExchange failed = slowServer();

    Diagnosis first = diagnose(diagnostician, failed);
    assertThat(first.cause()).isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(first.unfinished()).containsExactly(Step.CODE);

    Diagnosis last = untilItIsLate();
    assertThat(last.unfinished()).isEmpty();
    assertThat(last.exchange()).isSameAs(failed);
    assertThat(diagnostician.latest(first)).isSameAs(last);
    assertThat(diagnostician.latest(last)).isSameAs(last);
    assertThat(diagnostician.recent(failed)).containsSame(last);
  }

  @Test
  void whatWasFoundLateStandsForTheFailuresThatFollow() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ZERO);
    FailedExchange failed = slowServer();
    diagnose(diagnostician, failed);
    untilItIsLate();
    int sofar = asked.size();

    Diagnosis next = diagnose(diagnostician, failed);

    assertThat(asked).as("asked anew within the budget").hasSizeGreaterThan(sofar);
    assertThat(next.cause()).isEqualTo(Cause.APPLICATION_TIMEOUT);
    assertThat(next.unfinished()).as("the place is left alone for a while").isEmpty();
  }

  @Test
  void whatWorkedMeanwhileEndsWhatWasFoundLate() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ZERO);
    FailedExchange failed = slowServer();
    diagnose(diagnostician, failed);
    untilItIsLate();
    Endpoint endpoint = failed.attempts().getLast().endpoint();
    diagnostician.worked(Failures.UPSTREAM, endpoint, "/order", true, System.nanoTime());

    assertThat(diagnose(diagnostician, failed).cause())
        .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
  }

  @Test
  void anAnswerThatComesSoonerThanAtFirstIsNotTakenForALateOne() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ofSeconds(30));
    FailedExchange failed = slowServer();
    light = Duration.ZERO;
    isSilentAtFirst = true;
    Diagnosis first = diagnose(diagnostician, failed);
    assertThat(first.unfinished()).contains(Step.CODE);

    Diagnosis last = until(each -> each.unfinished().isEmpty());

    assertThat(last.cause()).isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
  }

  @Test
  void nothingIsGoneOnWithWhereTheSettingSaysSo() throws Exception {
    Diagnostician diagnostician = diagnostician(Duration.ZERO, Duration.ofSeconds(30));
    FailedExchange failed = slowServer();

    Diagnosis first = diagnose(diagnostician, failed);

    assertThat(first.cause()).isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(first.unfinished()).isEmpty();
    assertThat(diagnostician.latest(first)).isSameAs(first);
  }

  @Test
  void onePlaceIsAskedOnceHoweverManyPathsFail() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ofSeconds(30));
    slowServer();
    for (int i = 0; i < 20; i++) {
      diagnostician.diagnose(failing("/order/" + i), failures.facts());
    }

    for (int i = 0; i < 20; i++) {
      untilItIsLate();
    }
    assertThat(asked)
        .as("within the budget, and once after")
        .filteredOn(each -> each.contains("/robots.txt"))
        .hasSize(2);
  }

  @Test
  void aPlaceIsLeftAloneForAWhileThoughItsIncidentEnded() throws Exception {
    Diagnostician diagnostician = diagnostician(PATIENCE, Duration.ZERO);
    FailedExchange failed = slowServer();
    Diagnosis first = diagnose(diagnostician, failed);
    untilItIsLate();
    diagnostician.refresh(Failures.UPSTREAM);

    assertThat(diagnostician.latest(first)).isSameAs(first);
    Diagnosis next = diagnose(diagnostician, failed);
    assertThat(next.cause())
        .as("what was found late is over")
        .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
    assertThat(next.unfinished()).as("nobody asks on").isEmpty();
  }

  private Diagnostician diagnostician(Duration patience, Duration sharedFor) {
    var diagnostician =
        new Diagnostician(
            new DiagnosticsSettings(BUDGET, patience, sharedFor, 64, 1_000),
            new Memory(InstantSource.system()));
    diagnostician.onRefined((_, found) -> refined.add(found));
    opened.add(diagnostician);
    return diagnostician;
  }

  private static Diagnosis diagnose(Diagnostician diagnostician, FailedExchange failed)
      throws Exception {
    return diagnostician
        .diagnose(failed, Failures.at("http://127.0.0.1:9").facts())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  /// The first of those that are made anew that tells so.
  private Diagnosis until(Predicate<Diagnosis> told) throws InterruptedException {
    while (true) {
      Diagnosis next = refined.poll(60, TimeUnit.SECONDS);
      assertThat(next).as("more is found").isNotNull();
      if (told.test(next)) {
        return next;
      }
    }
  }

  private Diagnosis untilItIsLate() throws InterruptedException {
    return until(each -> each.cause() == Cause.APPLICATION_TIMEOUT);
  }

  private FailedExchange failing(String path) {
    return failures.path(path).failing(new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(2)));
  }

  /// A failure at a server that takes its time for light paths.
  private FailedExchange slowServer() throws IOException {
    var server = new ServerSocket();
    server.bind(new InetSocketAddress("127.0.0.1", 0));
    opened.add(server);
    Thread.ofVirtual()
        .start(() -> {
          while (!server.isClosed()) {
            try {
              Socket socket = server.accept();
              Thread.ofVirtual().start(() -> answer(socket));
            } catch (IOException e) {
              return;
            }
          }
        });
    failures = Failures.at("http://127.0.0.1:" + server.getLocalPort());
    return failing("/order");
  }

  private void answer(Socket socket) {
    try (socket) {
      byte[] bytes = new byte[4_096];
      int length = Math.max(0, socket.getInputStream().read(bytes));
      String head = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
      if (head.startsWith("GET ") || head.startsWith("HEAD ")) {
        boolean isFirst = heads.add(head);
        asked.add(head.lines().findFirst().orElseThrow());
        Thread.sleep(isSilentAtFirst && isFirst ? Duration.ofMinutes(1) : light);
        socket
            .getOutputStream()
            .write("HTTP/1.1 200 OK\r\n\r\nhello".getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      // The client left.
      return;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
