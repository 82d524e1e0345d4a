// The App Service plan that the bot runs on.

param name string
param location string
param sku string
param replicas int

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: name
  location: location
  kind: 'linux'
  sku: {
    name: sku
    capacity: replicas
  }
  properties: {
    reserved: true
  }
}

output id string = plan.id
