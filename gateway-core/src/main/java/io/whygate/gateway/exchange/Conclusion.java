package io.whygate.gateway.exchange;

import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.ExchangeFailure;
import io.whygate.diagnostics.facts.FailedAttempt;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.ProxyStatus;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.diagnostics.verdict.Remedy;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.reply.LocalReply;
import io.whygate.gateway.upstream.EndpointState;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What becomes of an exchange that does not go well: it is tried again where that is proven safe,
/// or diagnosed and given up; an answer by which a server says that it cannot serve is explained.
///
/// There is none for an exchange that goes well. Confined to its event loop.
final class Conclusion {
  /// What its client may be the reason of tells of the server once it happens so often in a row:
  /// the scanners of the Internet are refused all the time.
  private static final int TELLING_REFUSALS = 3;

  private final Exchange exchange;
  private final Downstream downstream;
  private final Explainer explainer;
  private final ExchangeRecord record;

  private final List<FailedAttempt> failures = new ArrayList<>(1);
  private List<InetSocketAddress> silent = List.of();
  private @Nullable Diagnosis healing;
  private @Nullable ResponseHead heldHead;
  private boolean compared;
  private boolean givingUp;

  Conclusion(Exchange exchange, ExchangeRecord record) {
    this.exchange = exchange;
    this.downstream = exchange.downstream();
    this.explainer = exchange.services().explainer();
    this.record = record;
  }

  /// Addresses that timed out at the port of an endpoint: the same one is not tried again for this
  /// request. Another port of the same host may well answer.
  List<InetAddress> silent(Endpoint endpoint) {
    return silent.stream()
        .filter(each -> each.getPort() == endpoint.port())
        .map(InetSocketAddress::getAddress)
        .toList();
  }

  /// Whether a server wanted HTTP/1.1 for this request.
  boolean needsHttp1() {
    return !failures.isEmpty() && RetryPolicy.wantsHttp1(failures.getLast());
  }

  /// The tries that failed, first to last.
  List<FailedAttempt> failures() {
    return failures;
  }

  /// Whether nothing is sent to an endpoint any more.
  boolean isGivingUp() {
    return givingUp;
  }

  /// Whether an answer's head is held back until it is explained.
  boolean isHolding() {
    return heldHead != null;
  }

  /// An attempt failed.
  void attemptFailed(Attempt attempt, FailedAttempt failed) {
    failures.add(failed);
    noteSilence(attempt, failed);
    exchange.upstream().failed(attempt.endpoint(), failed);
    if (exchange.hasAnswered() || heldHead != null) {
      heldHead = null;
      giveUp(new ExchangeFailure.AttemptsExhausted());
      return;
    }
    downstream.demand(false);
    boolean untried = exchange.tried().size() < exchange.upstream().endpoints().size();
    boolean triesAgain =
        (untried || !attempt.sharesFailure())
            && RetryPolicy.triesAgain(
                exchange.request(),
                exchange.upstream(),
                failures,
                exchange.content().isKept(),
                untried);
    if (!triesAgain) {
      giveUp(new ExchangeFailure.AttemptsExhausted());
    } else if (RetryPolicy.staysAtServer(failures, untried)) {
      exchange.connect(attempt.endpoint(), true);
    } else {
      exchange.select();
    }
  }

  private void noteSilence(Attempt attempt, FailedAttempt failed) {
    if (failed.failure() instanceof AttemptFailure.TimedOut) {
      int port = failed.endpoint().port();
      List<InetSocketAddress> all = new ArrayList<>(silent);
      Stream.concat(failed.address().stream(), attempt.facts().silentAddresses().stream())
          .forEach(each -> all.add(new InetSocketAddress(each, port)));
      silent = all;
    }
  }

  /// Gives the exchange up: it is diagnosed, and its client answered or cut off.
  void giveUp(ExchangeFailure failure) {
    givingUp = true;
    downstream.demand(false);
    boolean answered = exchange.hasAnswered();
    FailedExchange failed = record.failed(exchange.upstream().name(), failure, failures, answered);
    diagnose(failed, diagnosis -> conclude(diagnosis, failed.seenLike(diagnosis.exchange())));
    if (answered && !exchange.mayTell()) {
      downstream.abort();
    }
  }

  /// A server that accepted a connection to be passed on never said what it owed. Its client is
  /// told what the server told, and no page: the cause is for the log.
  void tunnelFailed(Attempt attempt, FailedAttempt failed) {
    failures.add(failed);
    boolean isServers = speaksAgainstServer(failed);
    if (isServers) {
      exchange.upstream().failed(attempt.endpoint(), failed);
    }
    givingUp = true;
    FailedExchange all =
        record.failed(
            exchange.upstream().name(), new ExchangeFailure.AttemptsExhausted(), failures, true);
    record.status = ProxyStatus.of(all).status(false);
    if (isServers || attempt.endpoint().refusedClient() >= TELLING_REFUSALS) {
      diagnose(all, diagnosis -> conclude(diagnosis, all.seenLike(diagnosis.exchange())));
    } else {
      exchange.finish(FinishedExchange.Outcome.TRUNCATED);
    }
    if (isOrderly(failed.failure())) {
      downstream.end(null);
    } else {
      downstream.abort();
    }
  }

  /// Whether it is not what a client said, or who it is, that made the server fail. Servers drop
  /// and refuse clients whom they do not want in many ways; they are silent to none, once a whole
  /// greeting of TLS was read before it was passed on.
  private boolean speaksAgainstServer(FailedAttempt failed) {
    return failed.failure() instanceof AttemptFailure.TimedOut
        && (downstream.isSecure() || failed.bytesSent() == 0);
  }

  private static boolean isOrderly(AttemptFailure failure) {
    return failure instanceof AttemptFailure.TlsRejected
        || (failure instanceof AttemptFailure.ConnectionLost(_, Closing closing)
            && closing == Closing.FIN);
  }

  private void diagnose(FailedExchange failed, Consumer<Diagnosis> then) {
    long asked = System.nanoTime();
    explainer.diagnose(
        failed,
        exchange.upstream(),
        downstream.eventLoop(),
        diagnosis ->
            exchange.guarded(() -> {
              record.examined(diagnosis, asked);
              then.accept(diagnosis);
            }));
  }

  private void conclude(Diagnosis diagnosis, FailedExchange failed) {
    if (exchange.isOver()) {
      return;
    }
    if (mayHeal(diagnosis, failed)) {
      healing = diagnosis;
      givingUp = false;
      explainer.heal(diagnosis);
      exchange.connect(healed(diagnosis), true);
      return;
    }
    // This request may have been acted on; those that follow need not go to the old place.
    explainer.heal(diagnosis);
    boolean answered = exchange.hasAnswered();
    boolean tells = !answered || exchange.mayTell();
    Incident incident =
        explainer.failed(diagnosis, failed, exchange.upstream(), tells, capture(failed));
    record.filed(incident);
    if (tells) {
      Consumer<LocalReply> then = answered ? exchange::tell : exchange::reply;
      exchange
          .services()
          .failurePages()
          .render(
              diagnosis,
              failed,
              incident,
              exchange.request(),
              downstream,
              answer -> exchange.guarded(() -> then.accept(answer)));
    } else {
      exchange.finish(FinishedExchange.Outcome.TRUNCATED);
    }
  }

  /// The server that is elsewhere now.
  private EndpointState healed(Diagnosis diagnosis) {
    Optional<Endpoint> moved = diagnosis.remedy().map(Remedy::endpoint);
    return exchange.tried().stream()
        .filter(each -> moved.filter(each.endpoint()::equals).isPresent())
        .findFirst()
        .orElseGet(() -> exchange.tried().getLast());
  }

  private boolean mayHeal(Diagnosis diagnosis, FailedExchange failed) {
    return diagnosis.remedy().isPresent()
        && healing == null
        && exchange.timeLeft() != 0
        && !exchange.hasAnswered()
        && !exchange.tried().isEmpty()
        && failed.processed() == RequestProcessed.NOT_SENT
        && exchange.content().isKept();
  }

  /// Holds the head of an answer back by which a server says that it cannot serve, until it is
  /// known why.
  void explain(Attempt attempt, ResponseHead head) {
    heldHead = head;
    attempt.hold();
    FailedAttempt noted =
        attempt.facts().refused(GatewayStatus.failureOf(head, attempt.blockMark()));
    FailedExchange failed =
        record.failed(
            exchange.upstream().name(),
            new ExchangeFailure.AttemptsExhausted(),
            List.of(noted),
            true);
    diagnose(failed, diagnosis -> explained(attempt, diagnosis, failed));
  }

  private void explained(Attempt attempt, Diagnosis diagnosis, FailedExchange failed) {
    ResponseHead head = heldHead;
    if (exchange.isOver() || head == null) {
      return;
    }
    heldHead = null;
    if (GatewayStatus.isSuspect(head) || GatewayStatus.isTelling(diagnosis)) {
      Incident incident =
          explainer.failed(diagnosis, failed, exchange.upstream(), false, capture(failed));
      record.filed(incident);
      exchange.answer().pass(head, HeadEdit.explaining(GatewayStatus.fields(incident)));
    } else {
      exchange.answer().passOwn(head);
    }
    goOn(attempt);
  }

  /// Goes on with an answer whose head was held back; as far as it has come, where the deadline of
  /// its call is over by now.
  private void goOn(Attempt attempt) {
    attempt.proceed();
    if (exchange.isOver() || !exchange.isLate()) {
      downstream.flush();
    }
  }

  /// Holds the head of an answer back that bears the marks of another site, until the name's own
  /// servers have said whether its address is still the site's. Once for each exchange.
  void compare(Attempt attempt, ResponseHead head) {
    if (compared) {
      exchange.answer().passSound(attempt, head);
      return;
    }
    compared = true;
    heldHead = head;
    attempt.hold();
    explainer.compare(
        attempt,
        downstream.eventLoop(),
        elsewhere -> exchange.guarded(() -> compared(attempt, elsewhere)));
  }

  private void compared(Attempt attempt, boolean elsewhere) {
    ResponseHead head = heldHead;
    if (exchange.isOver() || head == null) {
      return;
    }
    heldHead = null;
    if (!elsewhere) {
      exchange.answer().passSound(attempt, head);
      goOn(attempt);
    } else if (!exchange.isLate()) {
      exchange.tryElsewhere(attempt);
    }
  }

  /// An answer is whole: what failed before it is noted as healed.
  void answered(Attempt attempt) {
    if (heldHead != null) {
      throw new AssertionError("content passed a head that is held");
    }
    if (failures.isEmpty()) {
      failures.addAll(attempt.facts().losers());
    }
    if (failures.isEmpty()) {
      return;
    }
    FailedExchange failed =
        record.failed(
            exchange.upstream().name(), new ExchangeFailure.AttemptsExhausted(), failures, false);
    explainer
        .healed(
            failed,
            Optional.ofNullable(healing),
            attempt.facts().address(),
            attempt.endpoint().endpoint(),
            exchange.upstream(),
            capture(failed))
        .ifPresent(record::filed);
  }

  private RequestCapture capture(FailedExchange failed) {
    return new RequestCapture(exchange, failed, exchange.content().recorded());
  }
}
