package dev.longshore.operator.translate.config;

import dev.longshore.api.v1alpha1.LongshoreConfig;
import dev.longshore.api.v1alpha1.LongshoreConfigSpec;
import dev.longshore.api.v1alpha1.Policy;
import dev.longshore.contract.Listener;
import dev.longshore.contract.PersistentMap;
import dev.longshore.contract.Settings;
import dev.longshore.operator.source.Kind;
import dev.longshore.operator.source.ResourceRef;
import dev.longshore.operator.source.View;
import dev.longshore.operator.translate.claim.Claimant;
import dev.longshore.operator.translate.claim.ClassBinding;
import dev.longshore.operator.translate.claim.TlsClaim;
import dev.longshore.operator.translate.claim.TranslatorOptions;
import dev.longshore.operator.translate.host.Admission;
import dev.longshore.operator.translate.quota.Quotas;
import dev.longshore.operator.translate.secret.CertificateStore;
import dev.longshore.operator.translate.verdict.ConditionType;
import dev.longshore.operator.translate.verdict.Problem;
import dev.longshore.operator.translate.verdict.Problems;
import dev.longshore.operator.translate.verdict.Quote;
import dev.longshore.operator.translate.verdict.Reason;
import dev.longshore.operator.translate.verdict.Verdict;
import dev.longshore.operator.translate.verdict.Verdict.Condition;
import dev.longshore.operator.translate.verdict.VerdictBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClass;
import io.fabric8.kubernetes.api.model.networking.v1.IngressClassParametersReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The IngressClasses that are ours, and what their LongshoreConfigs say.
 *
 * <p>Data planes are shared by all classes, so there is one configuration for what isn't a rule's:
 * that of the oldest class that has one. Default policies are each class's own.
 *
 * @param bindings by class name
 * @param defaultClass serves resources that name none; null: we don't
 * @param admission whose claims to hosts are let in
 * @param settings what all data planes share
 * @param listeners of all data planes, beside those of their flags
 * @param defaultCertificate the one that the settings name; null: none
 * @param references every resource that a LongshoreConfig refers to, whether it exists or not
 * @param verdicts of the LongshoreConfigs, and of IngressClasses that have something wrong
 */
public record ServedClasses(
    Map<String, ClassBinding> bindings,
    @Nullable String defaultClass,
    Admission admission,
    Quotas quotas,
    Settings settings,
    PersistentMap<String, Listener> listeners,
    TlsClaim.@Nullable Usable defaultCertificate,
    Set<ResourceRef> references,
    Map<ResourceRef, Verdict> verdicts) {
  /** The annotation by which an IngressClass is of Ingresses that name none (Kubernetes' own). */
  public static final String IS_DEFAULT = "ingressclass.kubernetes.io/is-default-class";

  /** What a resource of that class gets; null when it isn't served here. */
  public @Nullable ClassBinding bind(@Nullable String className) {
    String name = className == null || className.isEmpty() ? defaultClass : className;
    return name == null ? null : bindings.get(name);
  }

  /** The classes that are ours, with the settings of each. */
  public static ServedClasses of(
      View view, TranslatorOptions options, Instant now, CertificateStore certificates) {
    return new Finder(view, options, now, certificates).find();
  }

  /** The same, with one verdict on all LongshoreConfigs of a view. */
  public ServedClasses judged(View view, Verdict verdict) {
    Map<ResourceRef, Verdict> all = new HashMap<>();
    view.configs().forEach((ref, config) -> all.put(ref, verdict));
    return new ServedClasses(
        bindings,
        defaultClass,
        admission,
        quotas,
        settings,
        listeners,
        defaultCertificate,
        references,
        Map.copyOf(all));
  }

  private static final class Finder {
    private final View view;
    private final TranslatorOptions options;
    private final Instant now;
    private final CertificateStore certificates;
    private final Set<ResourceRef> references = new HashSet<>();
    private final Map<String, ClassBinding> bindings = new HashMap<>();
    private final Map<ResourceRef, Verdict> verdicts = new HashMap<>();
    private final Map<ResourceRef, Problems> configProblems = new TreeMap<>();
    private final Set<ResourceRef> used = new HashSet<>();
    private @Nullable ResourceRef effective;

    Finder(View view, TranslatorOptions options, Instant now, CertificateStore certificates) {
      this.view = view;
      this.options = options;
      this.now = now;
      this.certificates = certificates;
    }

    ServedClasses find() {
      List<IngressClass> classes = ours();
      Map<String, Parameters> parameters = new TreeMap<>();
      for (IngressClass ingressClass : classes) {
        Parameters found = parameters(ingressClass);
        parameters.put(ingressClass.getMetadata().getName(), found);
        if (effective == null && found.config != null) {
          effective = found.config;
        }
      }
      if (effective == null && options.standalone()) {
        view.configs().forEach((ref, config) -> effective = first(effective, ref));
      }
      if (classes.isEmpty() && options.standalone()) {
        parameters.put(TranslatorOptions.INGRESS_CLASS, Parameters.NONE);
      }
      parameters.forEach((name, found) -> bindings.put(name, binding(found)));
      LongshoreConfigSpec spec = effective == null ? null : spec(effective);
      Settings settings = Settings.DEFAULT.with(Settings.Http2.DEFAULT);
      PersistentMap<String, Listener> listeners = PersistentMap.empty();
      TlsClaim.Usable defaultCertificate = null;
      Admission admission = Admission.byDefault(options.standalone());
      Quotas quotas = Quotas.unless(options.standalone());
      if (effective != null && spec != null) {
        ConfigReader reader = read(spec);
        settings = reader.settings();
        listeners = reader.listeners(settings);
        defaultCertificate = reader.defaultCertificate();
        admission = reader.admission(options.standalone());
        quotas = reader.quotas(quotas);
        configProblems.put(effective, reader.problems());
      }
      judgeConfigs();
      return new ServedClasses(
          Map.copyOf(bindings),
          defaultClass(classes),
          admission,
          quotas,
          settings,
          listeners,
          defaultCertificate,
          Set.copyOf(references),
          Map.copyOf(verdicts));
    }

    private ConfigReader read(LongshoreConfigSpec spec) {
      ConfigReader reader = new ConfigReader(spec, view, now, certificates);
      references.addAll(reader.references());
      return reader;
    }

    /** Our classes, the oldest first. */
    private List<IngressClass> ours() {
      List<IngressClass> found = new ArrayList<>();
      view.ingressClasses()
          .forEach(
              (ref, ingressClass) -> {
                if (ingressClass.getSpec() != null
                    && options.controller().equals(ingressClass.getSpec().getController())
                    && (options.ingressClasses().isEmpty()
                        || options.ingressClasses().contains(ref.name()))) {
                  found.add(ingressClass);
                }
              });
      found.sort(
          Comparator.comparing(
              ingressClass -> Claimant.of(ResourceRef.of(ingressClass), ingressClass, null)));
      return found;
    }

    private @Nullable String defaultClass(List<IngressClass> classes) {
      for (IngressClass ingressClass : classes) {
        if (isDefault(ingressClass)) {
          return ingressClass.getMetadata().getName();
        }
      }
      if (!classes.isEmpty() || !options.standalone()) {
        return null;
      }
      boolean[] other = {false};
      view.ingressClasses().forEach((ref, ingressClass) -> other[0] |= isDefault(ingressClass));
      return other[0] ? null : TranslatorOptions.INGRESS_CLASS;
    }

    private static boolean isDefault(IngressClass ingressClass) {
      Map<String, String> annotations = ingressClass.getMetadata().getAnnotations();
      return annotations != null && "true".equals(annotations.get(IS_DEFAULT));
    }

    private Parameters parameters(IngressClass ingressClass) {
      IngressClassParametersReference reference = ingressClass.getSpec().getParameters();
      if (reference == null) {
        return Parameters.NONE;
      }
      String name = String.valueOf(reference.getName());
      ResourceRef config = new ResourceRef(Kind.LONGSHORE_CONFIG, "", name);
      if (!"longshore.dev".equals(reference.getApiGroup())
          || !Kind.LONGSHORE_CONFIG.label().equals(reference.getKind())
          || (reference.getScope() != null && !reference.getScope().equals("Cluster"))) {
        return wrong(
            ingressClass,
            Reason.REF_NOT_PERMITTED,
            "must be a cluster-scoped LongshoreConfig: write apiGroup: longshore.dev, kind:"
                + " LongshoreConfig and no namespace");
      }
      if (view.configs().get(config) == null) {
        return wrong(
            ingressClass,
            Reason.CONFIG_NOT_FOUND,
            "there is no LongshoreConfig " + Quote.of(name) + ": create it, or remove parameters");
      }
      return new Parameters(config, null);
    }

    private Parameters wrong(IngressClass ingressClass, Reason reason, String message) {
      Problem problem = Problem.warning(reason, "spec.parameters", message);
      verdicts.put(
          ResourceRef.of(ingressClass),
          new Verdict(
              List.of(
                  new Condition(
                      ConditionType.RESOLVED_REFS, false, reason.label(), problem.text())),
              List.of(problem)));
      return new Parameters(
          null,
          Problem.warning(
              reason,
              "spec.ingressClassName",
              "the default policy of IngressClass "
                  + ingressClass.getMetadata().getName()
                  + " is not known, so its rules answer 503 (spec.parameters: "
                  + message
                  + ")"));
    }

    private ClassBinding binding(Parameters parameters) {
      if (parameters.fault != null) {
        return new ClassBinding("", null, parameters.fault);
      }
      ResourceRef config = parameters.config;
      if (config == null && options.standalone()) {
        config = effective;
      }
      LongshoreConfigSpec spec = config == null ? null : spec(config);
      if (config == null || spec == null) {
        return ClassBinding.PLAIN;
      }
      used.add(config);
      String refused = view.refused().get(config);
      if (refused != null) {
        return new ClassBinding(
            config.name(),
            null,
            Problem.warning(
                Reason.INVALID,
                "spec.ingressClassName",
                "the default policy of LongshoreConfig "
                    + config.name()
                    + " can't be read, so the rules that have it answer 503 ("
                    + refused
                    + ")"));
      }
      Policy defaults = spec.defaults() == null ? null : spec.defaults().policy();
      return defaults == null
          ? ClassBinding.PLAIN
          : new ClassBinding(config.name(), defaults, null);
    }

    private @Nullable LongshoreConfigSpec spec(ResourceRef ref) {
      LongshoreConfig config = view.configs().get(ref);
      return config == null ? null : config.getSpec();
    }

    private void judgeConfigs() {
      view.configs()
          .forEach(
              (ref, config) -> {
                Problems problems = new Problems();
                String refused = view.refused().get(ref);
                if (refused != null) {
                  problems.fault(
                      Reason.INVALID, "spec", "can't be read as it is written: " + refused);
                } else if (config.getSpec() == null) {
                  problems.fault(Reason.INVALID, "spec", "is missing: write spec: {}");
                } else if (configProblems.get(ref) != null) {
                  problems.addAll(configProblems.get(ref));
                } else {
                  ConfigReader reader = read(config.getSpec());
                  var unused = reader.listeners(reader.settings());
                  var alsoUnused = reader.admission(options.standalone());
                  var quotasUnused = reader.quotas(Quotas.unless(options.standalone()));
                  problems.addAll(reader.problems());
                  notInUse(ref, problems);
                }
                verdicts.put(ref, VerdictBuilder.ofConfig(problems));
              });
    }

    private void notInUse(ResourceRef ref, Problems problems) {
      String chosen = effective == null ? "" : effective.name();
      if (used.contains(ref)) {
        problems.fault(
            Reason.CONFLICTED,
            "spec",
            "data planes are shared, and all have the settings of LongshoreConfig "
                + chosen
                + ", whose IngressClass is older; of this one only spec.defaults are used");
      } else if (options.standalone() && effective != null) {
        problems.fault(
            Reason.CONFLICTED,
            "metadata.name",
            "LongshoreConfig "
                + chosen
                + " is in use, and there can be one: remove one, or name this one in"
                + " spec.parameters of an IngressClass");
      } else {
        problems.note(
            Reason.NOT_IN_USE,
            "metadata.name",
            "no IngressClass of controller "
                + options.controller()
                + " names it in spec.parameters");
      }
    }

    private static ResourceRef first(@Nullable ResourceRef a, ResourceRef b) {
      return a == null || b.compareTo(a) < 0 ? b : a;
    }
  }

  /** What the parameters of a class lead to. */
  private record Parameters(@Nullable ResourceRef config, @Nullable Problem fault) {
    static final Parameters NONE = new Parameters(null, null);
  }
}
