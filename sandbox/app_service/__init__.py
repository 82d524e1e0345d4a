"""App Service: settings and connection strings of apps."""
