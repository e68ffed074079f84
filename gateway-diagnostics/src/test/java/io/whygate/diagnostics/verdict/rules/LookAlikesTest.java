package io.whygate.diagnostics.verdict.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.whygate.diagnostics.Failures;
import io.whygate.diagnostics.facts.AttemptFailure;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectRefused;
import io.whygate.diagnostics.facts.AttemptFailure.ConnectionLost;
import io.whygate.diagnostics.facts.AttemptFailure.NameNotResolved;
import io.whygate.diagnostics.facts.AttemptFailure.NotDialled;
import io.whygate.diagnostics.facts.AttemptFailure.TimedOut;
import io.whygate.diagnostics.facts.AttemptFailure.TlsRejected;
import io.whygate.diagnostics.facts.AttemptFailure.Unreachable;
import io.whygate.diagnostics.facts.AttemptFailure.UpstreamStatus;
import io.whygate.diagnostics.facts.Closing;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.facts.LocalProblem;
import io.whygate.diagnostics.facts.NamingProblem;
import io.whygate.diagnostics.facts.Phase;
import io.whygate.diagnostics.facts.TcpFacts;
import io.whygate.diagnostics.facts.TlsProblem;
import io.whygate.diagnostics.facts.Unreachability;
import io.whygate.diagnostics.memory.Identity;
import io.whygate.diagnostics.memory.Recollection;
import io.whygate.diagnostics.memory.Recollection.Fate;
import io.whygate.diagnostics.memory.Recollection.Tries;
import io.whygate.diagnostics.probe.ClientHello.Kind;
import io.whygate.diagnostics.probe.DnsAnswer;
import io.whygate.diagnostics.probe.Finding;
import io.whygate.diagnostics.probe.Finding.Asked;
import io.whygate.diagnostics.probe.Finding.Asked.AskOutcome;
import io.whygate.diagnostics.probe.Finding.Crowded;
import io.whygate.diagnostics.probe.Finding.Dialled;
import io.whygate.diagnostics.probe.Finding.Dialled.DialOutcome;
import io.whygate.diagnostics.probe.Finding.Dialled.Purpose;
import io.whygate.diagnostics.probe.Finding.Greeted;
import io.whygate.diagnostics.probe.Finding.Greeted.GreetOutcome;
import io.whygate.diagnostics.probe.Finding.HostInspected;
import io.whygate.diagnostics.probe.Finding.Looked;
import io.whygate.diagnostics.probe.Finding.Looked.Role;
import io.whygate.diagnostics.probe.Finding.Padded;
import io.whygate.diagnostics.probe.Finding.Pinged;
import io.whygate.diagnostics.probe.Finding.Plain;
import io.whygate.diagnostics.probe.Observation;
import io.whygate.diagnostics.probe.icmp.Pinging;
import io.whygate.diagnostics.verdict.CaseFile;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.diagnostics.verdict.Judge;
import io.whygate.diagnostics.verdict.RunnerUp;
import io.whygate.faults.tls.Pki;
import io.whygate.faults.tls.TlsFault;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The pairs of causes that look alike from outside: each is told by the one finding that differs.
class LookAlikesTest {
  private static final String ADDRESS = "192.168.7.7";
  private static final Instant NOW = Instant.now();

  /// How long a padded request was waited for, microseconds.
  private static final long PATIENCE = 250_000;

  private static final int PORT = 3000;
  private static final Failures SHOP = Failures.at("http://192.168.7.7:3000");
  private static final Endpoint NAMED = new Endpoint(Endpoint.Scheme.HTTP, "shop.internal", PORT);
  private static final AttemptFailure SILENT = new TimedOut(Phase.CONNECT, Duration.ofSeconds(1));
  private static final AttemptFailure UNANSWERED =
      new TimedOut(Phase.AWAIT_RESPONSE, Duration.ofSeconds(2));
  private static final AttemptFailure CLOSED =
      new ConnectionLost(Phase.AWAIT_RESPONSE, Closing.FIN);

  @Nested
  class StoppedOrRejected {
    @Test
    void aResetOfThePortIsAClosedPort() {
      assertThat(
              cause(
                  SHOP,
                  new ConnectRefused(),
                  dialled(Purpose.SAME, DialOutcome.REFUSED),
                  dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED)))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    @Test
    void unreachableForOnePortOfAHostThatAnswersIsAFilter() {
      assertThat(
              cause(
                  SHOP,
                  new Unreachable(Unreachability.HOST),
                  dialled(Purpose.SAME, DialOutcome.HOST_UNREACHABLE),
                  dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED)))
          .isEqualTo(Cause.FIREWALL_REJECTED);
    }

    @Test
    void unreachableForAllPortsIsTheHost() {
      assertThat(
              cause(
                  SHOP,
                  new Unreachable(Unreachability.HOST),
                  dialled(Purpose.SAME, DialOutcome.HOST_UNREACHABLE),
                  dialled(Purpose.CLOSED_PORT, DialOutcome.HOST_UNREACHABLE)))
          .isEqualTo(Cause.SERVER_HOST_UNREACHABLE);
    }
  }

  @Nested
  class IdleRaceOrCrash {
    @Test
    void aKeptConnectionThatWasClosedUnusedIsStale() {
      Failures kept = Failures.at("http://192.168.7.7:3000").reusedAfter(Duration.ofSeconds(5));
      assertThat(
              BlipRules.judge(file(kept, List.of(), Recollection.NOTHING, CLOSED), Optional.empty())
                  .cause())
          .isEqualTo(Cause.BLIP_STALE_CONNECTION);
    }

    @Test
    void aNewConnectionThatIsClosedAfterTheRequestIsACrash() {
      assertThat(
              BlipRules.judge(file(SHOP, List.of(), Recollection.NOTHING, CLOSED), Optional.empty())
                  .cause())
          .isEqualTo(Cause.BLIP_RECOVERED);
      assertThat(cause(SHOP, CLOSED, light(AskOutcome.CLOSED, -1)))
          .isEqualTo(Cause.APPLICATION_CLOSED_BEFORE_RESPONSE);
      assertThat(cause(SHOP, CLOSED, light(AskOutcome.ANSWERED, 4_000)))
          .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    }

    @Test
    void aKeptConnectionThatEndsOnAPathThatWorksMayBeStale() {
      Failures kept = Failures.at("http://192.168.7.7:3000").reusedAfter(Duration.ofSeconds(5));
      Judge.Judgement unproven =
          judge(kept, answering(Optional.of(NOW)), CLOSED, light(AskOutcome.ANSWERED, 4_000));
      assertThat(unproven.verdict().confidence()).isLessThan(0.6);
      assertThat(unproven.runnersUp())
          .extracting(RunnerUp::cause)
          .contains(Cause.BLIP_STALE_CONNECTION);
      assertThat(
              judge(kept, answering(Optional.empty()), CLOSED, light(AskOutcome.ANSWERED, 4_000))
                  .verdict()
                  .confidence())
          .isEqualTo(0.9);
    }

    private static Recollection answering(Optional<Instant> samePath) {
      return new Recollection(
          Map.of(),
          Identity.UNKNOWN,
          3,
          0,
          samePath,
          Optional.of(NOW),
          Optional.empty(),
          List.of(),
          List.of());
    }
  }

  @Nested
  class SlowOrLost {
    private final Failures upload = Failures.at("http://192.168.7.7:3000").sent(40_000);

    @Test
    void acknowledgedAndUnansweredIsASlowApplication() {
      upload.tcp(new TcpFacts(800, 0, 0, 0, 0, 1500, 300, 300, -1, false));
      assertThat(cause(upload, UNANSWERED, light(AskOutcome.ANSWERED, 200_000)))
          .isEqualTo(Cause.APPLICATION_TIMEOUT);
    }

    @Test
    void aFullPacketThatIsNotAnsweredIsLost() {
      assertThat(cause(SHOP, UNANSWERED, light(AskOutcome.ANSWERED, 3_000), padded()))
          .isEqualTo(Cause.FIREWALL_MTU_BLACK_HOLE);
    }

    @Test
    void aFullPacketIsNotLostYetWhereLightAnswersAreLateToo() {
      assertThat(cause(SHOP, UNANSWERED, light(AskOutcome.ANSWERED, 180_000), padded()))
          .isEqualTo(Cause.APPLICATION_TIMEOUT);
    }

    @Test
    void noPathThatReturnsLargePingsSwallowsThem() {
      var returned =
          new Pinged(
              Failures.address(ADDRESS),
              List.of(84, 1_500),
              new Pinging(Pinging.Outcome.ANSWERED, List.of(84, 1_500), 400, Optional.empty()));
      assertThat(cause(SHOP, UNANSWERED, light(AskOutcome.ANSWERED, 3_000), padded(), returned))
          .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    }

    private static Padded padded() {
      return new Padded(light(AskOutcome.SILENT, -1), 1_700);
    }

    @Test
    void largeSegmentsThatAreNeverAcknowledgedAreLost() {
      upload.tcp(new TcpFacts(800, 12, 4, 4, 3, 1500, 1_900, 1_900, -1, false));
      assertThat(cause(upload, UNANSWERED, light(AskOutcome.ANSWERED, 200_000)))
          .isEqualTo(Cause.FIREWALL_MTU_BLACK_HOLE);
    }

    @Test
    void whatAKeptConnectionLostIsNotTheFaultOfItsPath() {
      Failures kept =
          Failures.at("http://192.168.7.7:3000")
              .reusedAfter(Duration.ofSeconds(5))
              .tcp(new TcpFacts(800, 1, 3, 3, 1, 1500, 1_900, 1_900, -1, false));
      assertThat(
              cause(
                  kept,
                  UNANSWERED,
                  dialled(Purpose.SAME, DialOutcome.ACCEPTED),
                  light(AskOutcome.ANSWERED, 3_000)))
          .isEqualTo(Cause.FIREWALL_DROPPED);
    }

    @Test
    void lateIsMeasuredAgainstWhatIsUsual() {
      assertThat(cause(SHOP, UNANSWERED, light(AskOutcome.ANSWERED, 9_000)))
          .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
      assertThat(cause(SHOP, UNANSWERED, light(AskOutcome.SILENT, -1)))
          .isEqualTo(Cause.APPLICATION_WORKERS_EXHAUSTED);
      assertThat(cause(SHOP, UNANSWERED)).isEqualTo(Cause.APPLICATION_TIMEOUT);
    }
  }

  @Nested
  class DeadOrFiltered {
    @Test
    void aHostThatIsSilentOnEveryPortIsDown() {
      assertThat(
              cause(
                  SHOP,
                  SILENT,
                  dialled(Purpose.SAME, DialOutcome.SILENT),
                  dialled(Purpose.SIBLING_PORT, DialOutcome.SILENT),
                  dialled(Purpose.CLOSED_PORT, DialOutcome.SILENT)))
          .isEqualTo(Cause.SERVER_HOST_DOWN);
    }

    @Test
    void aHostThatResetsAnotherPortIsUpAndThePortIsFiltered() {
      Judge.Judgement judgement =
          judge(
              SHOP,
              Recollection.NOTHING,
              SILENT,
              dialled(Purpose.SAME, DialOutcome.SILENT),
              dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED));
      assertThat(judgement.verdict().cause()).isEqualTo(Cause.FIREWALL_DROPPED);
      assertThat(judgement.runnersUp())
          .extracting(RunnerUp::cause)
          .contains(Cause.SERVER_HOST_DOWN, Cause.SERVER_OVERLOADED);
    }

    @Test
    void aPortThatAcceptedMeanwhileIsOverloaded() {
      assertThat(shutOut(SILENT, DialOutcome.SILENT)).isEqualTo(Cause.SERVER_OVERLOADED);
    }

    @Test
    void aPortThatServesNowAndThenAtOnceIsLimited() {
      assertThat(
              shutOut(
                  SILENT,
                  DialOutcome.SILENT,
                  silent(9),
                  served(8),
                  silent(7),
                  served(6),
                  silent(5),
                  served(4),
                  silent(3)))
          .isEqualTo(Cause.FIREWALL_RATE_LIMITED);
    }

    @Test
    void aPortThatServedAtOnceWhatItLetInMeanwhileIsLimited() {
      Recollection served = remembering(Optional.of(NOW), silent(4), served(-60));
      assertThat(crowded(served)).isEqualTo(Cause.FIREWALL_RATE_LIMITED);
      assertThat(crowded(remembering(Optional.of(NOW), silent(4))))
          .isEqualTo(Cause.SERVER_OVERLOADED);
    }

    private Cause crowded(Recollection memory) {
      return judge(
              SHOP,
              memory,
              SILENT,
              dialled(Purpose.SAME, DialOutcome.ACCEPTED),
              dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED),
              new Crowded(target(), 0, 0, 8))
          .verdict()
          .cause();
    }

    @Test
    void aPortThatWasRefusedAndMendedBeforePacketsVanishIsNotLimited() {
      assertThat(vanishing(refused(9), served(8), refused(7), served(6), silent(5)))
          .isEqualTo(Cause.FIREWALL_DROPPED);
    }

    @Test
    void aPortThatWasFilteredAndMendedOnceBeforeIsNotLimited() {
      assertThat(vanishing(silent(9), served(7), silent(5))).isEqualTo(Cause.FIREWALL_DROPPED);
    }

    @Test
    void aPortThatServesNobodyAnyMoreIsFilteredFromNowOn() {
      assertThat(vanishing(served(6), silent(5))).isEqualTo(Cause.FIREWALL_DROPPED);
    }

    @Test
    void aPortThatRefusesSoonAfterEachAnswerIsLimited() {
      assertThat(
              shutOut(
                  new ConnectRefused(),
                  DialOutcome.REFUSED,
                  refused(9),
                  served(8),
                  refusedAfter(8),
                  served(6),
                  refusedAfter(6),
                  served(4),
                  refusedAfter(4),
                  served(2),
                  refusedAfter(2)))
          .isEqualTo(Cause.FIREWALL_RATE_LIMITED);
    }

    @Test
    void aServerThatSomebodyStopsAndStartsAgainAndAgainIsNotLimited() {
      assertThat(
              shutOut(
                  new ConnectRefused(),
                  DialOutcome.REFUSED,
                  refused(30),
                  served(29),
                  refusedAfter(29),
                  served(14),
                  refusedAfter(14),
                  served(12),
                  refusedAfter(12),
                  served(2),
                  refusedAfter(2)))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    @Test
    void aPortThatRefusesLongAfterAnAnswerIsOfAServerThatComesAndGoes() {
      assertThat(
              shutOut(
                  new ConnectRefused(),
                  DialOutcome.REFUSED,
                  refused(9),
                  served(7),
                  refused(5),
                  served(3),
                  refused(1)))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    private Cause vanishing(Tries... tries) {
      return judge(
              SHOP,
              remembering(Optional.empty(), tries),
              SILENT,
              dialled(Purpose.SAME, DialOutcome.SILENT),
              dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED))
          .verdict()
          .cause();
    }

    private Cause shutOut(AttemptFailure failure, DialOutcome outcome, Tries... tries) {
      return judge(
              SHOP,
              remembering(Optional.of(NOW), tries),
              failure,
              dialled(Purpose.SAME, outcome),
              dialled(Purpose.CLOSED_PORT, DialOutcome.REFUSED))
          .verdict()
          .cause();
    }

    private Recollection remembering(Optional<Instant> connected, Tries... tries) {
      return new Recollection(
          Map.of(
              Failures.address(ADDRESS),
              new Recollection.AddressMemory(NOW, NOW, connected, 300, 9_000, List.of(tries))),
          Identity.UNKNOWN,
          1,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.of(NOW.minusSeconds(20)),
          List.of(),
          List.of());
    }

    private Tries served(int secondsAgo) {
      return new Tries(Fate.SERVED, NOW.minusSeconds(secondsAgo), NOW.minusSeconds(secondsAgo), 1);
    }

    private Tries silent(int secondsAgo) {
      return new Tries(Fate.SILENT, NOW.minusSeconds(secondsAgo), NOW.minusSeconds(secondsAgo), 1);
    }

    private Tries refused(int secondsAgo) {
      return new Tries(Fate.REFUSED, NOW.minusSeconds(secondsAgo), NOW.minusSeconds(secondsAgo), 1);
    }

    private Tries refusedAfter(int secondsAgo) {
      Instant then = NOW.minusSeconds(secondsAgo);
      return new Tries(Fate.REFUSED, then.plusMillis(60), then.plusMillis(900), 4);
    }

    @Test
    void anAddressThatNobodyOnTheSegmentHasIsUnreachable() {
      assertThat(
              cause(
                  SHOP,
                  SILENT,
                  dialled(Purpose.CLOSED_PORT, DialOutcome.SILENT),
                  host(true, HostInspected.Neighbour.MISSING)))
          .isEqualTo(Cause.SERVER_HOST_UNREACHABLE);
    }
  }

  @Nested
  class MovedOrDown {
    private final Failures named = Failures.at(NAMED, ADDRESS);

    @Test
    void anAddressThatItsOwnServersDenyHasMoved() {
      assertThat(cause(named, new ConnectRefused(), authority("192.168.7.8")))
          .isEqualTo(Cause.DNS_DRIFT);
    }

    @Test
    void anAddressThatItsOwnServersConfirmIsDown() {
      assertThat(cause(named, new ConnectRefused(), authority(ADDRESS)))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    @Test
    void aPrivateAddressInsideAndAPublicOneOutsideAreTwoViewsAndNoMove() {
      assertThat(cause(named, new ConnectRefused(), authority("8.8.4.4")))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    @Test
    void answersThatTakeTurnsAreNoMove() {
      assertThat(
              cause(
                  named, new ConnectRefused(), authority("192.168.7.8"), authority("192.168.7.9")))
          .isEqualTo(Cause.SERVER_PORT_CLOSED);
      assertThat(
              cause(
                  named, new ConnectRefused(), authority("192.168.7.8"), authority("192.168.7.8")))
          .isEqualTo(Cause.DNS_DRIFT);
    }

    @Test
    void aServerThatDoesNotSpeakForTheZoneProvesNothing() {
      Looked lame =
          looked(
              Role.AUTHORITATIVE,
              new DnsAnswer(
                  DnsAnswer.Outcome.ANSWERED, "REFUSED", false, List.of(), List.of(), -1, -1));
      assertThat(cause(named, new ConnectRefused(), lame)).isEqualTo(Cause.SERVER_PORT_CLOSED);
    }
  }

  @Nested
  class StrangerOrBug {
    private final Failures named = Failures.at(NAMED, ADDRESS);
    private final Recollection marks =
        new Recollection(
            Map.of(),
            new Identity("", "nginx", "The shop"),
            0,
            0,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            List.of(),
            List.of());

    @Test
    void otherMarksAtAnAddressThatIsNoLongerTheirsAreAStranger() {
      assertThat(
              judge(named, marks, CLOSED, authority("192.168.7.8"), page("<title>Bank</title>"))
                  .verdict()
                  .cause())
          .isEqualTo(Cause.DNS_RECYCLED_ADDRESS);
    }

    @Test
    void otherMarksAtTheRightAddressAreABug() {
      assertThat(
              judge(named, marks, CLOSED, authority(ADDRESS), page("<title>Bank</title>"))
                  .verdict()
                  .cause())
          .isEqualTo(Cause.APPLICATION_PATH_FAILURE);
    }
  }

  @Nested
  class SinkOrClosed {
    private final Failures here = Failures.at(NAMED, "127.0.0.1");

    @Test
    void aLoopbackAddressOfASiteThatWasElsewhereIsNotMeant() {
      assertThat(refused(given("127.0.0.1"))).isEqualTo(Cause.SERVER_PORT_CLOSED);
      assertThat(refused(given("127.0.0.1", ADDRESS))).isEqualTo(Cause.DNS_SINKHOLED);
    }

    private Cause refused(Recollection memory) {
      return judge(
              here,
              memory,
              new ConnectRefused(),
              dialled(Purpose.SAME, DialOutcome.REFUSED),
              authority("127.0.0.1"))
          .verdict()
          .cause();
    }

    private static Recollection given(String... addresses) {
      Map<InetAddress, Instant> seen =
          Arrays.stream(addresses).collect(Collectors.toMap(Failures::address, _ -> NOW));
      return new Recollection(
          Map.of(),
          Identity.UNKNOWN,
          0,
          0,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          new Recollection.Habits(
              List.of(), -1, -1, "", Optional.of(new Recollection.NameMemory(seen, false, 60))));
    }
  }

  @Nested
  class AliasOrAddress {
    @Test
    void anAliasThatLeadsBackToItselfHasNoAddressForThatReason() {
      DnsAnswer round =
          new DnsAnswer(
              DnsAnswer.Outcome.ANSWERED,
              "NOERROR",
              false,
              List.of("b.internal", "shop.internal"),
              List.of(),
              60,
              -1);
      Judge.Judgement found =
          judge(
              Failures.at(NAMED, ""),
              Recollection.NOTHING,
              new NameNotResolved("shop.internal", NamingProblem.NO_ADDRESS, "NOERROR", -1),
              looked(Role.RESOLVER, round));
      assertThat(found.verdict().cause()).isEqualTo(Cause.DNS_NO_ADDRESS);
      assertThat(found.verdict().because()).contains("shop.internal → b.internal → shop.internal");
    }
  }

  @Nested
  class ResolverOrName {
    private final Failures named = Failures.at(NAMED, "");
    private final AttemptFailure silent =
        new NameNotResolved("shop.internal", NamingProblem.TIMEOUT, "", -1);

    @Test
    void silenceOnTheControlTooIsTheResolver() {
      assertThat(
              cause(
                  named,
                  silent,
                  looked(Role.RESOLVER, DnsAnswer.none(DnsAnswer.Outcome.SILENT)),
                  looked(Role.CONTROL, DnsAnswer.none(DnsAnswer.Outcome.SILENT))))
          .isEqualTo(Cause.DNS_TIMEOUT);
    }

    @Test
    void anAnswerToTheControlWithSilentNameServersIsTheName() {
      assertThat(
              cause(
                  named,
                  silent,
                  looked(Role.RESOLVER, DnsAnswer.none(DnsAnswer.Outcome.SILENT)),
                  looked(Role.CONTROL, answered("NOERROR")),
                  looked(Role.AUTHORITATIVE, DnsAnswer.none(DnsAnswer.Outcome.SILENT))))
          .isEqualTo(Cause.DNS_SERVER_FAILURE);
    }
  }

  @Nested
  class SignaturesOrServers {
    private final Failures named = Failures.at(NAMED, "");
    private final AttemptFailure failed =
        new NameNotResolved("shop.internal", NamingProblem.SERVER_FAILURE, "SERVFAIL", -1);

    @Test
    void anAnswerWithCheckingDisabledIsBrokenSignatures() {
      assertThat(
              cause(
                  named,
                  failed,
                  looked(Role.RESOLVER, answered("SERVFAIL")),
                  looked(Role.UNCHECKED, answered("NOERROR", ADDRESS))))
          .isEqualTo(Cause.DNS_VALIDATION_FAILED);
    }

    @Test
    void noneWithCheckingDisabledIsTheServers() {
      assertThat(
              cause(
                  named,
                  failed,
                  looked(Role.RESOLVER, answered("SERVFAIL")),
                  looked(Role.UNCHECKED, answered("SERVFAIL"))))
          .isEqualTo(Cause.DNS_SERVER_FAILURE);
    }
  }

  @Nested
  class ExpiredOrClock {
    private final Pki pki = Pki.of(ADDRESS);
    private final Failures secure = Failures.at("https://192.168.7.7:3000").trusting(pki.root());

    private AttemptFailure expired() throws Exception {
      X509Certificate leaf = pki.showing(new TlsFault.Expired()).certificate();
      return new TlsRejected(
          TlsProblem.CERTIFICATE_REJECTED,
          -1,
          List.of(leaf.getEncoded(), pki.intermediate().certificate().getEncoded()),
          "expired");
    }

    @Test
    void clocksThatAgreeLeaveTheCertificate() throws Exception {
      assertThat(cause(secure, expired(), dated(Duration.ZERO)))
          .isEqualTo(Cause.TLS_CERTIFICATE_EXPIRED);
    }

    @Test
    void aClockByWhichItIsValidIsTheClock() throws Exception {
      assertThat(cause(secure, expired(), dated(Duration.ofDays(-3))))
          .isEqualTo(Cause.GATEWAY_CLOCK_SKEW);
    }

    private Asked dated(Duration off) {
      String date =
          DateTimeFormatter.RFC_1123_DATE_TIME.format(
              Instant.now().plus(off).atOffset(ZoneOffset.UTC));
      return new Asked(
          target(),
          Purpose.SAME,
          "HEAD",
          "/",
          AskOutcome.ANSWERED,
          200,
          Map.of("date", date),
          "",
          900);
    }
  }

  @Nested
  class PlaintextOrCiphers {
    private final Failures secure = Failures.at("https://192.168.7.7:3000");

    @Test
    void httpInAnswerToAGreetingIsPlaintext() {
      Failures seen = Failures.at("https://192.168.7.7:3000").received("HTTP/1.1 400 Bad Request");
      assertThat(cause(seen, new TlsRejected(TlsProblem.NOT_TLS, -1, List.of(), "")))
          .isEqualTo(Cause.TLS_PLAINTEXT_UPSTREAM);
    }

    @Test
    void agreementToMoreSuitesIsAMismatch() {
      assertThat(
              cause(
                  secure,
                  new TlsRejected(TlsProblem.ALERT_RECEIVED, 40, List.of(), ""),
                  greeted(Kind.USUAL, GreetOutcome.ALERT),
                  greeted(Kind.ANY_SUITE, GreetOutcome.AGREED)))
          .isEqualTo(Cause.TLS_CIPHER_MISMATCH);
    }

    @Test
    void aServerOfTlsThatScoldsPlainHttpInPlainHttpSpeaksTls() {
      Plain scolded =
          new Plain(
              new Asked(
                  target(), Purpose.SAME, "GET", "/", AskOutcome.ANSWERED, 400, Map.of(), "", 900));
      assertThat(
              cause(
                  secure,
                  new TlsRejected(TlsProblem.CLOSED, -1, List.of(), ""),
                  greeted(Kind.USUAL, GreetOutcome.CLOSED),
                  greeted(Kind.NAMELESS, GreetOutcome.AGREED),
                  scolded))
          .isEqualTo(Cause.TLS_UNRECOGNIZED_NAME);
    }
  }

  @Nested
  class TheirsOrOurs {
    @Test
    void aStatusThatWasReceivedIsTheirs() {
      assertThat(cause(SHOP, new UpstreamStatus(502, -1, "cache; error=connection_refused")))
          .isEqualTo(Cause.APPLICATION_GATEWAY_ERROR);
    }

    @Test
    void aRefusalThatTheGatewayMetIsOurs() {
      assertThat(cause(SHOP, new ConnectRefused())).isEqualTo(Cause.SERVER_PORT_CLOSED);
    }

    @Test
    void unavailableWithATimeIsMaintenanceAndWithoutOneOverload() {
      assertThat(cause(SHOP, new UpstreamStatus(503, 120, ""))).isEqualTo(Cause.SERVER_MAINTENANCE);
      assertThat(cause(SHOP, new UpstreamStatus(503, -1, ""), status(503)))
          .isEqualTo(Cause.SERVER_OVERLOADED);
      assertThat(cause(SHOP, new UpstreamStatus(503, -1, ""), status(200)))
          .isNotEqualTo(Cause.SERVER_OVERLOADED);
    }

    private Asked status(int status) {
      return new Asked(
          target(), Purpose.SAME, "HEAD", "/", AskOutcome.ANSWERED, status, Map.of(), "", 900);
    }
  }

  @Nested
  class ExhaustedOrRefused {
    @Test
    void noPacketLeftForWantOfAPortOrADescriptor() {
      assertThat(cause(SHOP, new NotDialled(LocalProblem.PORTS_EXHAUSTED, "EADDRNOTAVAIL")))
          .isEqualTo(Cause.GATEWAY_PORTS_EXHAUSTED);
      assertThat(cause(SHOP, new NotDialled(LocalProblem.DESCRIPTORS_EXHAUSTED, "EMFILE")))
          .isEqualTo(Cause.GATEWAY_DESCRIPTORS_EXHAUSTED);
    }

    @Test
    void noWayInItsOwnRouteTableIsTheGateway() {
      assertThat(
              cause(
                  SHOP,
                  new Unreachable(Unreachability.NETWORK),
                  host(false, HostInspected.Neighbour.NOT_LISTED)))
          .isEqualTo(Cause.GATEWAY_NETWORK_UNREACHABLE);
    }

    @Test
    void anUnreachableNetworkWithARouteIsTheServersSide() {
      assertThat(
              cause(
                  SHOP,
                  new Unreachable(Unreachability.NETWORK),
                  host(true, HostInspected.Neighbour.NOT_LISTED)))
          .isEqualTo(Cause.SERVER_HOST_UNREACHABLE);
    }
  }

  private static Cause cause(Failures failures, AttemptFailure failure, Finding... findings) {
    return judge(failures, Recollection.NOTHING, failure, findings).verdict().cause();
  }

  private static Judge.Judgement judge(
      Failures failures, Recollection memory, AttemptFailure failure, Finding... findings) {
    return new Judge(Rules.all()).judge(file(failures, Arrays.asList(findings), memory, failure));
  }

  private static CaseFile file(
      Failures failures, List<Finding> findings, Recollection memory, AttemptFailure failure) {
    FailedExchange exchange = failures.failing(failure);
    List<Observation> observations =
        findings.stream()
            .map(f -> new Observation(f, Instant.now(), f instanceof Padded ? PATIENCE : 100))
            .toList();
    return new CaseFile(exchange, failures.facts(), observations, memory);
  }

  private static InetSocketAddress target() {
    return new InetSocketAddress(Failures.address(ADDRESS), PORT);
  }

  private static Dialled dialled(Purpose purpose, DialOutcome outcome) {
    int port = purpose == Purpose.SAME ? PORT : purpose == Purpose.CLOSED_PORT ? 9 : 443;
    return new Dialled(
        new InetSocketAddress(Failures.address(ADDRESS), port), purpose, outcome, 400);
  }

  private static Asked light(AskOutcome outcome, long ttfbMicros) {
    int status = outcome == AskOutcome.ANSWERED ? 200 : -1;
    return new Asked(
        target(), Purpose.SAME, "HEAD", "/", outcome, status, Map.of(), "", ttfbMicros);
  }

  private static Asked page(String body) {
    return new Asked(
        target(), Purpose.SAME, "GET", "/", AskOutcome.ANSWERED, 200, Map.of(), body, 900);
  }

  private static Greeted greeted(Kind kind, GreetOutcome outcome) {
    return new Greeted(target(), kind, outcome, outcome == GreetOutcome.ALERT ? 40 : -1, "");
  }

  private static HostInspected host(boolean routed, HostInspected.Neighbour neighbour) {
    return new HostInspected(40, 1_024, 20, 28_000, routed, neighbour);
  }

  private static Looked authority(String address) {
    return looked(
        Role.AUTHORITATIVE,
        new DnsAnswer(
            DnsAnswer.Outcome.ANSWERED,
            "NOERROR",
            true,
            List.of(),
            List.of(Failures.address(address)),
            60,
            -1));
  }

  private static Looked looked(Role role, DnsAnswer answer) {
    return new Looked(
        new InetSocketAddress(Failures.address("192.168.7.2"), 53),
        role,
        "shop.internal",
        answer,
        DnsAnswer.none(DnsAnswer.Outcome.NOT_ASKED));
  }

  private static DnsAnswer answered(String rcode, String... addresses) {
    return new DnsAnswer(
        DnsAnswer.Outcome.ANSWERED,
        rcode,
        false,
        List.of(),
        Arrays.stream(addresses).map(Failures::address).toList(),
        60,
        -1);
  }
}
