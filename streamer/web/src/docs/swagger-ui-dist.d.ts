// Of the package, which brings no types, what this page uses.

declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export interface SwaggerUi {
    preauthorizeApiKey(scheme: string, key: string): void;
  }
  export default function SwaggerUIBundle(options: Record<string, unknown>): SwaggerUi;
}
