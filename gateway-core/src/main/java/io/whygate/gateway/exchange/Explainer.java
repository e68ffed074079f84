package io.whygate.gateway.exchange;

import io.netty.channel.EventLoop;
import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.FailedExchange;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.verdict.Diagnosis;
import io.whygate.gateway.http.RequestHead;
import io.whygate.gateway.http.ResponseHead;
import io.whygate.gateway.upstream.Upstream;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Consumer;

/// Finds out why an exchange failed, and keeps the book of incidents. Called on event loops; never
/// blocks.
public interface Explainer {

  /// Examines a failed exchange and hands the diagnosis over on the event loop: at once where one
  /// of the same kind is known, else within the budget.
  void diagnose(FailedExchange failed, Upstream upstream, EventLoop loop, Consumer<Diagnosis> then);

  /// Files a failure.
  ///
  /// @param page whether a client is shown a page of the gateway's
  /// @param request what was asked, for the recording of the exchange
  Incident failed(
      Diagnosis diagnosis,
      FailedExchange failed,
      Upstream upstream,
      boolean page,
      RequestCapture request);

  /// Files a failure that no client saw, because a later attempt succeeded.
  ///
  /// @param by what showed the way out; empty where trying again was enough
  ///
  /// @param servedBy the address that answered in the end
  /// @param servedAt the endpoint that answered
  /// @param request what was asked, for the recording of the exchange
  Optional<Incident> healed(
      FailedExchange failed,
      Optional<Diagnosis> by,
      Optional<InetAddress> servedBy,
      Endpoint servedAt,
      Upstream upstream,
      RequestCapture request);

  /// How much of each request's content is kept in case it fails, bytes; usually 0.
  int keptContent();

  /// Whether an incident of the upstream is open, so that each answer matters.
  boolean wantsAnswers(Upstream upstream);

  /// Takes note that an endpoint answered while an incident is open.
  ///
  /// @param received bytes of the request's content that came
  void answered(
      Upstream upstream,
      Attempt attempt,
      RequestHead request,
      ForwardedFields forwarded,
      long received);

  /// Takes note of an answer in quiet times; cheap.
  ///
  /// @return whether the beginning of its content is wanted too
  boolean sample(Attempt attempt, RequestHead request, ResponseHead head);

  /// Takes note of the beginning of a start page, by which a site is known again.
  ///
  /// @param server the field of the answer; may be empty
  void samplePage(Attempt attempt, String server, String beginning);

  /// Whether an answer on a new connection bears other marks than the site is known by at that
  /// address, so that it may be another site's; only where the request may be sent again.
  boolean looksStrange(Attempt attempt, RequestHead request);

  /// Asks the name's own servers about an answer that looks strange, within the budget, and hands
  /// over on the event loop whether the site is elsewhere, where the next attempt goes.
  void compare(Attempt attempt, EventLoop loop, Consumer<Boolean> then);

  /// Puts the addresses of a remedy into use, so that the next attempt goes there.
  void heal(Diagnosis diagnosis);
}
