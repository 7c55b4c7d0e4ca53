package dev.longshore.testkube;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Namespaces with their service accounts and the tokens of these, which no controller makes. */
final class Namespaces {
  private final KubernetesClient admin;

  Namespaces(KubernetesClient admin) {
    this.admin = admin;
  }

  /**
   * A token of a service account, valid for an hour.
   *
   * @param audiences whom it is for; none: the API server itself
   */
  String token(String namespace, String serviceAccount, String... audiences) {
    return token(
        namespace,
        serviceAccount,
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences(audiences)
            .withExpirationSeconds(TimeUnit.HOURS.toSeconds(1))
            .endSpec()
            .build());
  }

  /**
   * A token as a pod has it in a projected volume, bound to that pod, valid for an hour. The pod is
   * created if it isn't there; nobody runs it.
   */
  String podToken(String namespace, String serviceAccount, String pod, String... audiences) {
    ObjectMeta known =
        admin
            .resource(
                new PodBuilder()
                    .withNewMetadata()
                    .withNamespace(namespace)
                    .withName(pod)
                    .endMetadata()
                    .withNewSpec()
                    .withServiceAccountName(serviceAccount)
                    .addNewContainer()
                    .withName("pause")
                    .withImage("pause")
                    .endContainer()
                    .endSpec()
                    .build())
            .serverSideApply()
            .getMetadata();
    return token(
        namespace,
        serviceAccount,
        new TokenRequestBuilder()
            .withNewSpec()
            .withAudiences(audiences)
            .withExpirationSeconds(TimeUnit.HOURS.toSeconds(1))
            .withNewBoundObjectRef()
            .withApiVersion("v1")
            .withKind("Pod")
            .withName(pod)
            .withUid(known.getUid())
            .endBoundObjectRef()
            .endSpec()
            .build());
  }

  private String token(String namespace, String serviceAccount, TokenRequest request) {
    return admin
        .serviceAccounts()
        .inNamespace(namespace)
        .withName(serviceAccount)
        .tokenRequest(request)
        .getStatus()
        .getToken();
  }

  /**
   * Creates a namespace that nobody else uses, with its service account {@code default} and others.
   * Nobody could remove it again: it ends with the server.
   *
   * @param prefix what its name begins with
   * @return its name
   */
  String create(String prefix, String... serviceAccounts) {
    Namespace namespace =
        new NamespaceBuilder()
            .withNewMetadata()
            .withGenerateName(prefix + "-")
            .endMetadata()
            .build();
    String name = admin.resource(namespace).create().getMetadata().getName();
    createServiceAccounts(name, serviceAccounts);
    return name;
  }

  /** Creates a namespace of exactly this name, unless it is there, and its service accounts. */
  void ensure(String name, String... serviceAccounts) {
    admin
        .resource(new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build())
        .serverSideApply();
    createServiceAccounts(name, serviceAccounts);
  }

  private void createServiceAccounts(String namespace, String... names) {
    Set<String> all = new LinkedHashSet<>(List.of(names));
    all.add("default");
    for (String name : all) {
      admin
          .resource(
              new ServiceAccountBuilder()
                  .withNewMetadata()
                  .withNamespace(namespace)
                  .withName(name)
                  .endMetadata()
                  .build())
          .serverSideApply();
    }
  }
}
