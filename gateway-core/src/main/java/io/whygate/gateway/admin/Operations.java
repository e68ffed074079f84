package io.whygate.gateway.admin;

import io.whygate.diagnostics.facts.Endpoint;
import io.whygate.diagnostics.facts.RequestProcessed;
import io.whygate.diagnostics.incident.Incident;
import io.whygate.diagnostics.page.Form;
import io.whygate.diagnostics.page.Language;
import io.whygate.diagnostics.page.Page;
import io.whygate.diagnostics.verdict.Cause;
import io.whygate.gateway.config.Problem;
import io.whygate.gateway.config.UpstreamSettings;
import io.whygate.gateway.notification.ChannelStatus;
import java.util.List;
import java.util.Optional;

/// What operators may ask of a running gateway and do to it; the gateway itself answers. Called on
/// virtual threads, and may block.
public interface Operations {

  /// Whether requests are served: every listener is bound, and the gateway is not about to stop.
  boolean isReady();

  /// The incidents that are remembered, newest first.
  List<Incident> incidents();

  /// An incident as operators see it: a JSON object.
  String document(Incident incident);

  /// The failed exchanges of an incident that are kept, as an HTTP Archive (HAR 1.2); empty where
  /// none is.
  Optional<String> archive(Incident incident);

  /// The last failed exchange of an incident as a command for a shell; empty where none is kept.
  Optional<String> command(Incident incident);

  /// The settings of the upstream that an endpoint belongs to; empty where none in force has it.
  Optional<UpstreamSettings> upstreamOf(Endpoint endpoint);

  /// The languages in which visitors are spoken to.
  List<Language> languages();

  /// What the configuration in force says of the page that is hardly meant, such as a template that
  /// is broken, one line each.
  List<String> pageWarnings();

  /// What a visitor would see of a cause.
  ///
  /// @param repeatable whether a page was wanted, and not a form sent
  Page preview(
      Cause cause, Language language, Form form, boolean repeatable, RequestProcessed processed);

  /// Every upstream of the configuration in force, by name.
  List<UpstreamView> upstreams();

  /// An upstream looked at more closely: what DNS says of its names, the certificates that it
  /// shows, what is normal with it. A JSON object; empty where there is no such upstream.
  Optional<String> detail(String upstream);

  /// The certificates that the gateway itself shows: a JSON object.
  String certificates();

  /// How the channels do by which people are told of incidents.
  List<ChannelStatus> channels();

  /// The reloads of late, newest first.
  List<ReloadRecord> reloads();

  /// The configuration in force, secrets masked: a JSON object.
  String configuration();

  /// Reads the configuration again and applies it, whole or not at all.
  Reload reload();

  /// Takes an endpoint out of the balance, or puts it back.
  ///
  /// @param url the endpoint's URL
  /// @return whether there is such an endpoint
  boolean drain(String upstream, String url, boolean drained);

  /// Switches maintenance, until a configuration says otherwise.
  ///
  /// @return whether there is such an upstream
  boolean maintain(String upstream, UpstreamSettings.Maintenance maintenance);

  /// Sends a light request to each endpoint of an upstream, and examines the first that fails.
  ///
  /// @return empty where there is no such upstream
  Optional<Examination> diagnose(String upstream);

  /// How a reload ended.
  sealed interface Reload {}

  /// A reload that was applied.
  ///
  /// @param changes what is different now, one sentence each; empty where nothing is
  record Applied(List<String> changes) implements Reload {
    public Applied {
      changes = List.copyOf(changes);
    }
  }

  /// A reload that changed nothing, because of these problems.
  record Rejected(List<Problem> problems) implements Reload {
    public Rejected {
      problems = List.copyOf(problems);
    }
  }

  /// What an examination on demand found.
  ///
  /// @param endpoint the URL of the endpoint that failed, else of one that was examined
  /// @param document the finding as operators see it, a JSON object; of no account where all is
  ///   well
  record Examination(String endpoint, boolean healthy, String document) {}
}
